package io.redisfuse.daemon;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.redisfuse.daemon.ServerChoice.PasswordPlace;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ServerChoiceTest {

  private static final Terminal NOBODY = prompt -> Optional.empty();
  private static final PasswordPlace UNSAID = new PasswordPlace.Unsaid();
  private static final PasswordPlace IN_MIND = new PasswordPlace.InMind();

  @TempDir private Path home;

  @Test
  void theDefaultIsTheServerOnThisMachine() throws Exception {
    Server server = new ServerChoice(Map.of(), NOBODY).decide(Optional.empty(), UNSAID);

    assertThat(server.uri()).isEqualTo(URI.create("redis://localhost:6379/0"));
    assertThat(server.password()).isEmpty();
  }

  @Test
  void theUriInTheEnvironmentMayHoldAPassword() throws Exception {
    ServerChoice choice =
        new ServerChoice(Map.of("REDISFUSE_URI", "redis://bob:safe@example.org:1/2"), NOBODY);

    Server server = choice.decide(Optional.empty(), UNSAID);

    assertThat(server.uri()).isEqualTo(URI.create("redis://bob@example.org:1/2"));
    assertThat(server.password()).contains(new Secret("safe"));
  }

  @Test
  void theUriOnTheCommandLineWins() throws Exception {
    ServerChoice choice =
        new ServerChoice(Map.of("REDISFUSE_URI", "redis://:safe@example.org:1/2"), NOBODY);

    Server server = choice.decide(Optional.of("redis://other:6379"), UNSAID);

    assertThat(server.uri()).isEqualTo(URI.create("redis://other:6379"));
    assertThat(server.password()).as("the other server's password is not sent there").isEmpty();
  }

  @Test
  void aPasswordOnTheCommandLineIsRefusedAndNotRepeated() {
    ServerChoice choice = new ServerChoice(Map.of(), NOBODY);

    assertThatThrownBy(() -> choice.decide(Optional.of("redis://bob:geheim@host:1"), UNSAID))
        .isInstanceOfSatisfying(
            StartException.class, e -> assertThat(e.exitCode()).isEqualTo(ExitCode.USAGE))
        .hasMessageContaining("visible to everyone on this machine")
        .hasMessageContaining("--password-file")
        .hasMessageContaining("REDISFUSE_PASSWORD")
        .hasMessageContaining("REDISFUSE_URI")
        .hasMessageContaining("--password-prompt")
        .message()
        .doesNotContain("geheim");
  }

  @Test
  void aFileWinsOverTheEnvironment() throws Exception {
    Path file = passwordFile("from file\nsecond line\n", "rw-------");
    ServerChoice choice =
        new ServerChoice(
            Map.of("REDISFUSE_PASSWORD", "variable", "REDISFUSE_URI", "redis://:uri@host:1"),
            NOBODY);

    assertThat(choice.decide(Optional.empty(), new PasswordPlace.InFile(file)).password())
        .contains(new Secret("from file"));
    assertThat(choice.decide(Optional.empty(), UNSAID).password()).contains(new Secret("variable"));
  }

  @Test
  void aFileThatOthersMayReadIsRefused() throws Exception {
    Path file = passwordFile("geheim\n", "rw-r--r--");

    assertThatThrownBy(() -> read(file))
        .isInstanceOf(StartException.class)
        .hasMessage(
            "The password file "
                + file
                + " may be read by everyone on this machine; run `chmod 600 "
                + file
                + "`.");
  }

  @Test
  void aFileThatIsMissingOrEmptyOrADirectoryOrNoTextIsAFailure() throws Exception {
    Path empty = passwordFile("\nsecond line", "rw-------");
    Path binary = home.resolve("binary");
    Files.write(binary, new byte[] {(byte) 0xff});
    Files.setPosixFilePermissions(binary, PosixFilePermissions.fromString("rw-------"));

    assertThatThrownBy(() -> read(home.resolve("missing"))).hasMessageContaining("does not exist");
    assertThatThrownBy(() -> read(empty)).hasMessageContaining("has an empty first line");
    assertThatThrownBy(() -> read(home)).hasMessageContaining("is a directory");
    assertThatThrownBy(() -> read(binary)).hasMessageContaining("is not UTF-8 text");
  }

  @Test
  void thePersonAtTheTerminalIsAskedForThePasswordOfTheServer() throws Exception {
    Terminal bob = prompt -> Optional.of(new Secret("answer to " + prompt));
    ServerChoice choice = new ServerChoice(Map.of(), bob);

    assertThat(choice.decide(Optional.of("redis://me@host:1"), IN_MIND).password())
        .contains(new Secret("answer to Password for redis://me@host:1: "));
  }

  @Test
  void nobodyAtTheTerminalIsAFailureThatNamesTheCure() {
    ServerChoice choice = new ServerChoice(Map.of(), NOBODY);

    assertThatThrownBy(() -> choice.decide(Optional.empty(), IN_MIND))
        .isInstanceOf(StartException.class)
        .hasMessageContaining("no terminal")
        .hasMessageContaining("--password-file");
  }

  private static void read(Path file) throws StartException {
    new ServerChoice(Map.of(), NOBODY).decide(Optional.empty(), new PasswordPlace.InFile(file));
  }

  private Path passwordFile(String content, String permissions) throws Exception {
    Path file = Files.writeString(home.resolve("password"), content);
    return Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(permissions));
  }
}
