package io.redisfuse.backend.memory;

import static org.assertj.core.api.Assertions.assertThat;

import io.redisfuse.api.Bytes;
import io.redisfuse.api.ContentSink;
import io.redisfuse.api.Version;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class ContentTest {

  private static final int CHUNK = Content.CHUNK;

  private static Bytes random(int size, long seed) {
    byte[] bytes = new byte[size];
    new Random(seed).nextBytes(bytes);
    return Bytes.wrap(bytes);
  }

  private static byte[] patched(byte[] base, int offset, Bytes part) {
    byte[] result = Arrays.copyOf(base, Math.max(base.length, offset + part.length()));
    part.asByteBuffer().get(result, offset, part.length());
    return result;
  }

  private static Bytes sent(Content content) throws IOException {
    ByteBuffer all = ByteBuffer.allocate(content.size());
    content.sendTo(
        new ContentSink() {
          @Override
          public void start(long size) {
            assertThat(size).isEqualTo(content.size());
          }

          @Override
          public void accept(ByteBuffer part) {
            all.put(part);
          }
        });
    return Bytes.wrap(all.array());
  }

  private static void assertIs(Content content, byte[] expected) throws IOException {
    Bytes bytes = Bytes.copyOf(expected);
    assertThat(content.size()).isEqualTo(expected.length);
    assertThat(content.bytes()).isEqualTo(bytes);
    assertThat(content.version()).isEqualTo(Version.of(bytes));
    assertThat(sent(content)).isEqualTo(bytes);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 3 * CHUNK, 3 * CHUNK + 17})
  void contentIsWhatItWasMadeOf(int size) throws IOException {
    assertIs(Content.of(random(size, 1)), random(size, 1).toByteArray());
  }

  @Test
  void randomPatchesAndAppendsGiveWhatAnArrayGives() throws IOException {
    Random random = new Random(7);
    for (int round = 0; round < 10; round++) {
      byte[] expected = random(random.nextInt(2 * CHUNK), round).toByteArray();
      Content content = Content.of(Bytes.copyOf(expected));
      for (int i = 0; i < 20; i++) {
        Content before = content;
        byte[] expectedBefore = expected;
        Bytes part = random(random.nextInt(random.nextBoolean() ? 10 : 2 * CHUNK), i);
        int offset = random.nextInt(expected.length + (i % 5 == 0 ? 3 * CHUNK : 1));
        if (part.isEmpty()) {
          content = content.patched(offset, part);
        } else if (random.nextInt(3) == 0) {
          content = content.appended(part);
          expected = patched(expected, expected.length, part);
        } else {
          content = content.patched(offset, part);
          expected = patched(expected, offset, part);
        }
        assertIs(content, expected);
        assertThat(before.bytes()).isEqualTo(Bytes.wrap(expectedBefore));
      }
    }
  }

  @Test
  void rangesAreCutAtTheEndAndCrossChunks() {
    Bytes bytes = random(3 * CHUNK + 100, 3);
    Content content = Content.of(bytes);
    for (int offset : new int[] {0, 1, CHUNK - 1, CHUNK, 2 * CHUNK + 5, 3 * CHUNK + 99}) {
      for (int length : new int[] {0, 1, CHUNK, 2 * CHUNK + 1, Integer.MAX_VALUE}) {
        int end = (int) Math.min(bytes.length(), (long) offset + length);
        assertThat(content.bytes(offset, length)).isEqualTo(bytes.slice(offset, end));
      }
    }
    assertThat(content.bytes(bytes.length(), 10)).isEqualTo(Bytes.EMPTY);
    assertThat(content.bytes(Long.MAX_VALUE, 10)).isEqualTo(Bytes.EMPTY);
  }

  /** 10,000 appends to 64 MiB would take minutes if each copied the whole. */
  @Test
  void appendingToALargeContentDoesNotCopyIt() {
    Content content = Content.of(random(64 << 20, 4));
    Bytes line = Bytes.utf8("one line of a log\n");
    for (int i = 0; i < 10_000; i++) {
      content = content.appended(line);
    }

    assertThat(content.size()).isEqualTo((64 << 20) + 10_000 * line.length());
    assertThat(content.bytes(content.size() - line.length(), line.length())).isEqualTo(line);
  }

  /** It fits this test's heap only because a gap is the same chunk of zeros again and again. */
  @Test
  void aGapCostsNoMemory() {
    Content content = Content.EMPTY;
    Content[] kept = new Content[100];
    for (int i = 0; i < kept.length; i++) {
      kept[i] = content.patched(Content.LIMIT - 1, Bytes.utf8("x"));
    }

    assertThat(kept[99].size()).isEqualTo(Content.LIMIT);
    assertThat(kept[99].bytes(Content.LIMIT - 2, 5)).isEqualTo(Bytes.utf8("\0x"));
  }
}
