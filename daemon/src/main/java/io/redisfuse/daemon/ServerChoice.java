package io.redisfuse.daemon;

import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * Decides which server to use and how to log in, from the command line, the environment and the
 * person at the terminal.
 *
 * <p>The URI is {@code --uri}, else {@value #URI_VARIABLE}, else the default. The password is what
 * the command line says where to find, else {@value #PASSWORD_VARIABLE}, else the one in {@value
 * #URI_VARIABLE}. A password on the command line itself is refused, since every user of the machine
 * can list the arguments of every process.
 */
final class ServerChoice {

  static final String URI_VARIABLE = "REDISFUSE_URI";
  static final String PASSWORD_VARIABLE = "REDISFUSE_PASSWORD";

  private final Map<String, String> environment;
  private final Terminal terminal;

  ServerChoice(Map<String, String> environment, Terminal terminal) {
    this.environment = Map.copyOf(environment);
    this.terminal = Objects.requireNonNull(terminal, "terminal");
  }

  /** Where the command line says that the password is. */
  sealed interface PasswordPlace {

    /** It says nothing. */
    record Unsaid() implements PasswordPlace {}

    /** The first line of a file. */
    record InFile(Path file) implements PasswordPlace {}

    /** The person at the terminal knows it. */
    record InMind() implements PasswordPlace {}
  }

  /**
   * Decides.
   *
   * @param uri what {@code --uri} says
   * @throws StartException if the URI is bad, holds a password where it must not, or the password
   *     is not where it should be
   */
  Server decide(Optional<String> uri, PasswordPlace place) throws StartException {
    Server server = uri.isPresent() ? fromCommandLine(uri.get()) : fromEnvironment();
    Optional<Secret> password = password(place, server);
    return password.isPresent() ? server.withPassword(password.get()) : server;
  }

  /**
   * Decides for something that came from a server and belongs there. The URI of the environment is
   * not another choice then; it only knows the password if it means the same server.
   *
   * @param source the server's complete URI
   * @param uri what {@code --uri} says, which is used instead
   * @throws StartException as {@link #decide(Optional, PasswordPlace)}
   */
  Server decide(String source, Optional<String> uri, PasswordPlace place) throws StartException {
    if (uri.isPresent()) {
      return decide(uri, place);
    }
    Server server = Server.parse(source, "the kept text");
    Server known = fromEnvironment();
    if (known.completeUri().equals(server.completeUri())) {
      server = known;
    }
    Optional<Secret> password = password(place, server);
    return password.isPresent() ? server.withPassword(password.get()) : server;
  }

  /** Why a password on the command line is refused. */
  static StartException passwordOnCommandLine(String option) {
    return StartException.usage(
        "A password in "
            + option
            + " is visible to everyone on this machine, as all arguments are; put it into a file"
            + " for --password-file, into the variable "
            + PASSWORD_VARIABLE
            + " or "
            + URI_VARIABLE
            + ", or type it with --password-prompt.");
  }

  private static Server fromCommandLine(String uri) throws StartException {
    Server server = Server.parse(uri, "--uri");
    if (server.password().isPresent()) {
      throw passwordOnCommandLine("--uri");
    }
    return server;
  }

  private Server fromEnvironment() throws StartException {
    return Server.parse(variable(URI_VARIABLE).orElse(Server.DEFAULT_URI), URI_VARIABLE);
  }

  private Optional<Secret> password(PasswordPlace place, Server server) throws StartException {
    if (place instanceof PasswordPlace.InFile inFile) {
      return Optional.of(PasswordFile.read(inFile.file()));
    }
    if (place instanceof PasswordPlace.InMind) {
      return Optional.of(asked(server));
    }
    return variable(PASSWORD_VARIABLE).map(Secret::new);
  }

  private Secret asked(Server server) throws StartException {
    return terminal
        .askPassword("Password for " + server.uri() + ": ")
        .orElseThrow(
            () ->
                StartException.failure(
                    "There is no terminal to ask for the password on; use --password-file or the"
                        + " variable "
                        + PASSWORD_VARIABLE
                        + "."));
  }

  private Optional<String> variable(String name) {
    return Optional.ofNullable(environment.get(name)).filter(value -> !value.isEmpty());
  }
}
