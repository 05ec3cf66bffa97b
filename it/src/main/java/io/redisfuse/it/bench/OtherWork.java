package io.redisfuse.it.bench;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;

/** How much others had of the processors: the more, the less what was measured is worth. */
final class OtherWork {

  /** User, nice, system, idle, iowait, irq, softirq, steal; guests are in them. */
  private static final int KINDS_OF_TIME = 8;

  private static final List<Integer> IDLE_KINDS = List.of(3, 4);

  private final long busy;
  private final long all;
  private final long own;

  private OtherWork(long busy, long all, long own) {
    this.busy = busy;
    this.all = all;
    this.own = own;
  }

  /** Up to now. */
  static OtherWork now() throws IOException {
    String first = Files.readString(Path.of("/proc/stat"), UTF_8).lines().findFirst().orElseThrow();
    long[] kinds =
        Arrays.stream(first.split(" +", -1))
            .skip(1)
            .limit(KINDS_OF_TIME)
            .mapToLong(Long::parseLong)
            .toArray();
    long all = Arrays.stream(kinds).sum();
    long idle = IDLE_KINDS.stream().mapToLong(kind -> kinds[kind]).sum();
    long own = 0;
    ProcessHandle self = ProcessHandle.current();
    for (ProcessHandle process : Stream.concat(Stream.of(self), self.descendants()).toList()) {
      own += ticks(process.pid());
    }
    return new OtherWork(all - idle, all, own);
  }

  /** Of a process, and of its children that have ended. */
  private static long ticks(long pid) throws IOException {
    try {
      String text = Files.readString(Path.of("/proc", String.valueOf(pid), "stat"), UTF_8);
      String[] words = text.substring(text.lastIndexOf(')') + 2).split(" ", -1);
      // utime, stime, cutime, cstime
      return Arrays.stream(words).skip(11).limit(4).mapToLong(Long::parseLong).sum();
    } catch (NoSuchFileException e) {
      return 0;
    }
  }

  /** The share of all processors that others had since {@code start}; the kernel is among them. */
  double share(OtherWork start) {
    return (double) (busy - start.busy - (own - start.own)) / (all - start.all);
  }
}
