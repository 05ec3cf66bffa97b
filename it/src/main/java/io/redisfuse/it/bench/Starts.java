package io.redisfuse.it.bench;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** How long a daemon takes until its mount can be used, with nothing else running. */
final class Starts {

  /** What the launcher sets for the daemon that it becomes. */
  private static final Map<String, String> ENVIRONMENT = Map.of("LC_ALL", "C.UTF-8");

  private static final int ROUNDS = 7;

  private final Choice choice;
  private final Map<String, List<Double>> seconds = new LinkedHashMap<>();
  private List<Double> onKernelBinding = List.of();
  private int mounted;

  Starts(Choice choice) {
    this.choice = choice;
  }

  /** Starts all kinds in turn; what is not counted comes first. */
  void run() throws IOException, InterruptedException {
    for (int round = -1; round < choice.rounds().orElse(ROUNDS); round++) {
      for (Binding binding : Binding.values()) {
        List<String> java = start(round, binding.word() + ", launcher", binding.command(choice));
        start(round, binding.word() + ", its Java alone", java);
      }
    }
    onKernelBinding = seconds.get(Binding.KERNEL.word() + ", launcher");
  }

  /** Returns the command that the daemon has become. */
  private List<String> start(int round, String what, List<String> command)
      throws IOException, InterruptedException {
    try (Stage stage = new Stage()) {
      Path mountPoint = choice.directory().resolve("start" + mounted++);
      FileSystemProcess daemon =
          FileSystemProcess.start(
              stage, mountPoint, FileSystemProcess.Readiness.SAYS_SO, ENVIRONMENT, command);
      if (round >= 0) {
        seconds.computeIfAbsent(what, key -> new ArrayList<>()).add(daemon.secondsToReady());
      }
      return daemon.command();
    }
  }

  /** As the launcher starts it, in seconds, round by round. */
  List<Double> onKernelBinding() {
    return onKernelBinding;
  }

  void print(PrintStream out) {
    out.printf("%n%-36s%11s%18s%n", "start to ready, memory, seconds", "median", "rounds");
    seconds.forEach(
        (what, values) ->
            out.printf(
                "%-36s%11.2f%18s%n",
                what,
                Results.median(values),
                "%.2f to %.2f".formatted(Collections.min(values), Collections.max(values))));
  }
}
