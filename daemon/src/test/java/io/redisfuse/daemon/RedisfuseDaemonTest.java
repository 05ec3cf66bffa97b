package io.redisfuse.daemon;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The command as a person meets it, up to where it would mount. */
class RedisfuseDaemonTest {

  private static final int FAILURE = 1;
  private static final int USAGE = 2;

  private final Map<String, String> environment = new HashMap<>();
  private final StringWriter help = new StringWriter();
  private final StringWriter errors = new StringWriter();
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();

  @TempDir private Path home;

  @Test
  void helpShowsEveryOptionExamplesAndExitCodes() {
    assertThat(run("--help")).isZero();

    assertThat(help.toString())
        .contains("Usage: redisfuse-daemon [OPTION]... MOUNTPOINT")
        .contains("--backend", "--uri", "--prefix", "--delimiter", "--read-only", "--new-files")
        .contains("--allow-other", "--password-file", "--password-prompt", "--timeout")
        .contains("--verbose", "--version")
        .contains("Examples:", "redisfuse-daemon --backend memory ~/scratch")
        .contains("Exit status:", "REDISFUSE_URI")
        .doesNotContain("--password ");
    assertThat(errors.toString()).isEmpty();
  }

  @Test
  void versionIsWhatTheBuildSays() {
    assertThat(run("--version")).isZero();

    assertThat(help.toString()).matches("redisfuse-daemon \\d+\\.\\d+\\.\\d+\\S* \\(Java .+\\)\\R");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      value = {
        "                                 | Missing required parameter: 'MOUNTPOINT'",
        "--frobnicate /mnt                | Unknown option: '--frobnicate'",
        "/mnt /mnt2                       | Unmatched argument at index 1: '/mnt2'",
        "--timeout soon /mnt              | 'soon' is not a time above zero",
        "--scan-pause never /mnt          | 'never' is not a time above zero",
        "--timeout 0s /mnt                | '0s' is not a time above zero",
        "--new-files RULES /mnt           | 'RULES' is neither rules nor strings",
        "--uri                            | Missing required parameter for option '--uri'",
        "--password-prompt --password-file f /mnt | are mutually exclusive",
        "--backend postgres /mnt          | There is no backend postgres; choose one of memory, redis",
        "--uri localhost /mnt             | The URI localhost from --uri does not start with redis://",
        "--uri redis://:geheim@h:1 /mnt   | A password in --uri is visible to everyone",
        "--password geheim /mnt           | A password in --password is visible to everyone",
        "--password=geheim /mnt           | A password in --password is visible to everyone",
        "--prefix= /mnt                   | The value of --prefix is empty; leave it out",
        "--delimiter= /mnt                | The value of --delimiter is empty; keep the default",
        "--bogus redis://:geheim@h:1 /mnt | Unknown option",
        "--bogus=redis://:geheim@h:1 /mnt | Unknown option",
      })
  void aMistakeIsOneSentenceAndStatusTwo(String arguments, String sentence) {
    assertThat(run(arguments == null ? new String[0] : arguments.split(" +"))).isEqualTo(USAGE);

    assertThat(errors.toString())
        .startsWith("redisfuse-daemon: ")
        .contains(sentence)
        .doesNotContain("geheim")
        .hasLineCount(1);
    assertThat(out.toString(UTF_8)).isEmpty();
  }

  @Test
  void whatStandsInTheWayIsOneSentenceAndStatusOne() {
    Path far = home.resolve("missing/too");

    assertThat(run("--backend", "memory", far.toString())).isEqualTo(FAILURE);

    assertThat(errors.toString())
        .isEqualTo(
            "redisfuse-daemon: The mount point "
                + far
                + " does not exist, nor does the directory around it; run `mkdir -p "
                + far
                + "`."
                + System.lineSeparator());
  }

  @Test
  void aServerThatIsNotThereIsOneSentenceAndStatusOne() {
    assertThat(run("--uri", "redis://localhost:1/0", "--timeout", "2s", place()))
        .isEqualTo(FAILURE);

    assertThat(errors.toString()).contains("localhost:1").hasLineCount(1);
    assertThat(home).isEmptyDirectory();
  }

  @Test
  void anAddressThatRedisDoesNotHaveIsAMistake() {
    assertThat(run("--uri", "http://localhost:1/0", place())).isEqualTo(USAGE);

    assertThat(errors.toString()).contains("http://localhost:1/0").hasLineCount(1);
  }

  @Test
  void aMissingPasswordFileIsOneSentenceAndStatusOne() {
    assertThat(run("--password-file", home.resolve("none").toString(), "/mnt")).isEqualTo(FAILURE);

    assertThat(errors.toString()).contains("The password file ").hasLineCount(1);
  }

  @Test
  void aBadUriInTheEnvironmentIsToldWithoutItsPassword() {
    environment.put("REDISFUSE_URI", "redis://:geheim@host:99999");

    assertThat(run("/mnt")).isEqualTo(USAGE);

    assertThat(errors.toString()).contains("REDISFUSE_URI").doesNotContain("geheim");
  }

  private String place() {
    return home.resolve("place").toString();
  }

  private int run(String... arguments) {
    return new RedisfuseDaemon(
            environment,
            prompt -> Optional.empty(),
            new PrintStream(out, true, UTF_8),
            ConflictsComponent::connect)
        .run(new PrintWriter(help, true), new PrintWriter(errors, true), arguments);
  }
}
