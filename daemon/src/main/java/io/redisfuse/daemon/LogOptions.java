package io.redisfuse.daemon;

import picocli.CommandLine.Option;

/** Options of every command about what it logs. */
final class LogOptions {

  @Option(
      names = {"-v", "--verbose"},
      description = "Log more, with stack traces; twice: libraries, too.")
  private boolean[] verbose = {};

  /** Logs as much from now on. */
  void apply() {
    StderrLogging.raise(verbose.length);
  }
}
