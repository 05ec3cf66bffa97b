package io.redisfuse.daemon;

import java.io.Console;
import java.io.IOError;
import java.util.Optional;

/** The person at the terminal, who can be asked for a password. */
@FunctionalInterface
interface Terminal {

  /** What the person types, unseen; empty if there is no person or no answer. */
  Optional<Secret> askPassword(String prompt);

  /** The terminal that this process was started from. */
  static Terminal ofThisProcess() {
    return Terminal::askOnConsole;
  }

  // Up to JDK 21 there is no console where there is no terminal; from 22 on, reading may fail.
  @SuppressWarnings("SystemConsoleNull")
  private static Optional<Secret> askOnConsole(String prompt) {
    Console console = System.console();
    if (console == null) {
      return Optional.empty();
    }
    try {
      char[] typed = console.readPassword("%s", prompt);
      return typed == null ? Optional.empty() : Optional.of(new Secret(new String(typed)));
    } catch (IOError e) {
      return Optional.empty();
    }
  }
}
