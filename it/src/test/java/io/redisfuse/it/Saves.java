package io.redisfuse.it;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** Runs {@code saves.py}, which saves files in the ways in which programs do, many times. */
final class Saves {

  /** Every way of saving that it knows, but appending. */
  static final List<String> WAYS =
      List.of(
          "truncate",
          "truncate_and_sync",
          "overwrite",
          "in_place",
          "cut_open_file",
          "two_handles",
          "mapped",
          "renamed",
          "renamed_scratch",
          "renamed_tilde",
          "vim",
          "vim_copying",
          "emacs",
          "joe",
          "made_anew");

  /** Enough for thousands of saves on a busy machine. */
  static final Duration PATIENCE = Duration.ofMinutes(30);

  private final Workplace place;
  private final Path script;

  Saves(Workplace place) {
    this.place = place;
    this.script = place.script("saves.py");
  }

  /** How many times something is done: more with {@code -Dredisfuse.all=true}. */
  static int count(int usual, int thorough) {
    return Boolean.getBoolean("redisfuse.all") ? thorough : usual;
  }

  /** Starts a process; what became of it comes later. */
  CompletableFuture<Shell.Outcome> start(String command, Path file, Object... arguments) {
    StringBuilder line = new StringBuilder("exec python3 " + script + " " + command + " " + file);
    for (Object argument : arguments) {
      line.append(' ').append(argument);
    }
    return CompletableFuture.supplyAsync(
        () -> place.shell().attempt(PATIENCE, line.toString()),
        runnable -> new Thread(runnable, command).start());
  }

  /** Saves the texts of these numbers, all of which must succeed. */
  void repeat(Path file, String way, int first, int last) {
    start("repeat", file, way, first, last).join().requireSuccess();
  }

  /** What {@code saves.py} saves as text of this number. */
  static String text(int number) {
    return "begin " + number + "\n" + (number + "\n").repeat(200) + "end " + number + "\n";
  }
}
