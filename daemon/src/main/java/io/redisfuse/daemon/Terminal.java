package io.redisfuse.daemon;

import java.io.Console;
import java.io.IOError;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** The person at the terminal, who can be asked for a password. */
@FunctionalInterface
interface Terminal {

  /** What standard output goes to, as a link. */
  Path STANDARD_OUTPUT = Path.of("/proc/self/fd/1");

  /** What the person types, unseen; empty if there is no person or no answer. */
  Optional<Secret> askPassword(String prompt);

  /** Whether the person sees what is printed, rather than a file or another program gets it. */
  default boolean showsOutput() {
    return false;
  }

  /** The terminal that this process was started from. */
  static Terminal ofThisProcess() {
    return new Terminal() {
      @Override
      public Optional<Secret> askPassword(String prompt) {
        return askOnConsole(prompt);
      }

      @Override
      public boolean showsOutput() {
        return isTerminal(STANDARD_OUTPUT);
      }
    };
  }

  /** Java's own answer is about input and output together, and differs between its versions. */
  private static boolean isTerminal(Path descriptor) {
    try {
      String target = Files.readSymbolicLink(descriptor).toString();
      return target.startsWith("/dev/pts/")
          || target.startsWith("/dev/tty")
          || target.equals("/dev/console");
    } catch (IOException e) {
      return false;
    }
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
