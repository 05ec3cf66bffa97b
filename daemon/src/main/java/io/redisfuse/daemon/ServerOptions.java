package io.redisfuse.daemon;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Option;

/** Options of every command that talks to a server: how to log in, and how long to wait. */
final class ServerOptions {

  @ArgGroup private PasswordOptions passwordOptions = new PasswordOptions();

  @Option(
      names = "--password",
      arity = "0..1",
      hidden = true,
      description = "Refused: only there to say why.")
  private Optional<String> password = Optional.empty();

  @Option(
      names = "--timeout",
      paramLabel = "TIME",
      defaultValue = "10s",
      converter = DurationConverter.class,
      description = "How long an operation waits for the server before it fails; 10s by default.")
  private Duration timeout;

  @Option(
      names = "--tls-ca",
      paramLabel = "FILE",
      description =
          "With rediss: a PEM file of the authorities whom to trust, instead of those whom Java"
              + " trusts.")
  private Optional<Path> tlsAuthorities = Optional.empty();

  @Option(
      names = "--tls-cert",
      paramLabel = "FILE",
      description = "With rediss: a PEM file with the certificate that the server asks for.")
  private Optional<Path> tlsCertificate = Optional.empty();

  @Option(
      names = "--tls-key",
      paramLabel = "FILE",
      description =
          "With rediss: a PEM file with the key of that certificate, readable only by you.")
  private Optional<Path> tlsKey = Optional.empty();

  /** Where the password is, if not in the environment. */
  static final class PasswordOptions {

    @Option(
        names = "--password-file",
        paramLabel = "FILE",
        description = "A file, readable only by you, whose first line is the password.")
    private Optional<Path> file = Optional.empty();

    @Option(names = "--password-prompt", description = "Ask for the password on the terminal.")
    private boolean prompt;

    private ServerChoice.PasswordPlace place() {
      if (prompt) {
        return new ServerChoice.PasswordPlace.InMind();
      }
      return file.isPresent()
          ? new ServerChoice.PasswordPlace.InFile(file.get())
          : new ServerChoice.PasswordPlace.Unsaid();
    }
  }

  /**
   * How TLS is spoken.
   *
   * @throws StartException if there is a certificate without a key, or the reverse
   */
  TlsFiles tls() throws StartException {
    if (tlsCertificate.isPresent() != tlsKey.isPresent()) {
      throw StartException.usage(
          "A certificate needs its key, and a key its certificate: give both --tls-cert and"
              + " --tls-key.");
    }
    return new TlsFiles(
        tlsAuthorities, tlsCertificate.map(own -> new TlsFiles.Own(own, tlsKey.orElseThrow())));
  }

  Duration timeout() {
    return timeout;
  }

  /**
   * Where the password is.
   *
   * @throws StartException if it is on the command line itself
   */
  ServerChoice.PasswordPlace passwordPlace() throws StartException {
    if (password.isPresent()) {
      throw ServerChoice.passwordOnCommandLine("--password");
    }
    return passwordOptions.place();
  }
}
