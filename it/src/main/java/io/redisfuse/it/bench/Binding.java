package io.redisfuse.it.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** How our daemon mounts. */
enum Binding {
  KERNEL,
  LIBFUSE;

  String word() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** Starts the daemon with these options; the mount point is to follow. */
  List<String> command(Choice choice, String... options) {
    List<String> command = new ArrayList<>(List.of(choice.launcher().toString()));
    command.addAll(List.of("--binding", word(), "--backend"));
    command.addAll(options.length == 0 ? List.of("memory") : List.of(options));
    return command;
  }
}
