package io.redisfuse.daemon;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class IndexProgressTest {

  private static final Duration LONG = Duration.ofSeconds(30);

  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final Indexing mounted = new Indexing();

  private IndexProgress.Telling tell(boolean onTerminal) {
    Terminal terminal =
        new Terminal() {
          @Override
          public Optional<Secret> askPassword(String prompt) {
            throw new AssertionError("nobody is asked");
          }

          @Override
          public boolean showsOutput() {
            return onTerminal;
          }
        };
    PrintStream print = new PrintStream(out, /* autoFlush= */ true, UTF_8);
    return new IndexProgress(terminal, print, Duration.ofMillis(10)).of(mounted);
  }

  private String said() {
    return out.toString(UTF_8);
  }

  @Test
  void aTerminalShowsHowFarItIs() {
    IndexProgress.Telling telling = tell(true);
    try {
      mounted.keys.set(1_500);
      await().atMost(LONG).until(() -> said().contains("redisfuse: indexing, 1,500 keys so far ("));
      mounted.keys.set(2_000);
      await().atMost(LONG).until(() -> said().contains("2,000 keys so far"));
      mounted.complete.countDown();
      await().atMost(LONG).until(() -> said().endsWith("\n"));
    } finally {
      telling.close();
    }
    assertThat(said().chars().filter(c -> c == 10)).hasSize(1);
    String last = said().substring(said().lastIndexOf('\r'));
    assertThat(last).matches("\r\033\\[Kredisfuse: 2,000 keys indexed in \\d+\\.\\d s\n");
  }

  @Test
  void aFileGetsOneLine() throws Exception {
    IndexProgress.Telling telling = tell(false);
    try {
      mounted.keys.set(1);
      Thread.sleep(50);
      assertThat(said()).isEmpty();
      mounted.complete.countDown();
      await().atMost(LONG).until(() -> said().endsWith("\n"));
    } finally {
      telling.close();
    }
    assertThat(said()).matches("redisfuse: 1 key indexed in \\d+\\.\\d s\n");
  }

  @Test
  void aMountThatEndsBeforeLeavesTheTerminalInOrder() {
    IndexProgress.Telling telling = tell(true);
    await().atMost(LONG).until(() -> said().contains("so far"));
    telling.close();
    assertThat(said()).endsWith("\n");
    String atTheEnd = said();
    mounted.complete.countDown();
    assertThat(said()).isEqualTo(atTheEnd);
  }

  private static final class Indexing implements Frontend.Mounted {

    private final CountDownLatch complete = new CountDownLatch(1);
    private final AtomicLong keys = new AtomicLong();

    @Override
    public void await() {
      throw new AssertionError("that is for others");
    }

    @Override
    public boolean awaitIndexed(Duration bound) throws InterruptedException {
      return complete.await(bound.toNanos(), TimeUnit.NANOSECONDS);
    }

    @Override
    public long keys() {
      return keys.get();
    }

    @Override
    public void unmount() {
      throw new AssertionError("that is for others");
    }

    @Override
    public void close() {
      throw new AssertionError("that is for others");
    }
  }
}
