package io.redisfuse.it.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Reads the processor time of a process. */
final class ProcessMeter implements Meter {

  /** What sysconf(_SC_CLK_TCK) says on every Linux that we meet. */
  private static final double TICKS_PER_SECOND = 100;

  private final Path stat;

  ProcessMeter(long pid) {
    stat = Path.of("/proc", String.valueOf(pid), "stat");
  }

  @Override
  public Usage read() throws IOException {
    String text = Files.readString(stat);
    // After the name, which may hold anything: state is the first, utime and stime 12th and 13th.
    String[] words = text.substring(text.lastIndexOf(')') + 2).split(" ", -1);
    double ticks = Long.parseLong(words[11]) + Long.parseLong(words[12]);
    return new Usage(ticks / TICKS_PER_SECOND, Double.NaN, 0);
  }
}
