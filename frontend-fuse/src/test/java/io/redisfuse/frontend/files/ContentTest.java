package io.redisfuse.frontend.files;

import static org.assertj.core.api.Assertions.assertThat;

import io.redisfuse.api.Bytes;
import io.redisfuse.api.Version;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Contents that stay on the heap, and contents that cross over to a file and come back smaller. */
class ContentTest {

  private static final int STEPS = 400;

  @ParameterizedTest
  @ValueSource(ints = {1000, 3 * Content.HEAP_LIMIT})
  void randomWritesAndResizesAreWhatAnArrayWouldHold(int largest) {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    byte[] model = new byte[0];
    try (Content content = Content.empty()) {
      for (int step = 0; step < STEPS; step++) {
        int offset = random.nextInt(largest);
        if (random.nextInt(4) == 0) {
          content.resize(offset);
          model = Arrays.copyOf(model, offset);
        } else {
          byte[] bytes = new byte[random.nextInt(largest / 4)];
          random.nextBytes(bytes);
          content.write(offset, ByteBuffer.wrap(bytes));
          model = Arrays.copyOf(model, Math.max(model.length, offset + bytes.length));
          System.arraycopy(bytes, 0, model, offset, bytes.length);
        }
        assertThat(content.size()).as("seed %d step %d", seed, step).isEqualTo(model.length);
        int from = random.nextInt(largest);
        ByteBuffer part = ByteBuffer.allocate(random.nextInt(1000));
        int n = content.read(from, part);
        int end = Math.min(model.length, from + part.capacity());
        byte[] expected = from < model.length ? Arrays.copyOfRange(model, from, end) : new byte[0];
        assertThat(Bytes.copyOf(part.flip())).isEqualTo(Bytes.wrap(expected));
        assertThat(n).isEqualTo(expected.length);
      }
      assertThat(content.bytes()).isEqualTo(Bytes.wrap(model));
      assertThat(content.version()).isEqualTo(Version.of(Bytes.wrap(model)));
    }
  }
}
