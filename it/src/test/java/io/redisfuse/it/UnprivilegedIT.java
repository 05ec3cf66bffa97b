package io.redisfuse.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * A user without any rights mounts, by way of fusermount, and unmounts. Also where the machine lets
 * nobody but root do so: in a {@link MountNamespace}.
 */
class UnprivilegedIT {

  /** A user that owns nothing: {@code nobody} on most systems. */
  private static final int NOBODY = 65534;

  private static final int ANOTHER = 65533;

  @RegisterExtension final Workplace place = new Workplace();

  private Path jar;
  private Path mountPoint;
  private MountNamespace namespace;

  @BeforeEach
  void prepare() throws IOException {
    // Where that user can read it.
    jar = Files.copy(Daemon.JAR, place.directory().resolve("daemon.jar"));
    Files.setPosixFilePermissions(jar, PosixFilePermissions.fromString("rw-r--r--"));
    mountPoint = place.newDirectory("of-nobody");
    place
        .shell()
        .run(
            "%s chown %d %s %s"
                .formatted(
                    String.join(" ", Superuser.command()), NOBODY, mountPoint, place.home()));
  }

  @Test
  void mountsUsesAndUnmountsAndKeepsOthersOut() {
    Daemon daemon = mount("# nothing is allowed\n");

    assertThat(
            run(
                namespace.as(NOBODY),
                "mkdir d; echo first > d/a; echo second >> d/a; mv d/a d/b; cat d/b;"
                    + " stat -c %u:%a d/b; ls d; rm d/b; rmdir d; echo kept > c; ls"))
        .isEqualTo("first\nsecond\n" + NOBODY + ":644\nb\nc\n");
    for (List<String> who : List.of(namespace.asRoot(), namespace.as(ANOTHER))) {
      for (String attempt : List.of("ls %s", "cat %s/c", "touch %s/e", "rm -f %s/c")) {
        attempt(who, attempt.formatted(mountPoint)).requireFailure("Permission denied");
      }
    }
    // Nor may they unmount it.
    attempt(namespace.as(ANOTHER), "fusermount -u " + mountPoint).requireFailure("fusermount:");
    assertThat(run(namespace.as(NOBODY), "cat c")).isEqualTo("kept\n");

    attempt(namespace.as(NOBODY), "fusermount -u " + mountPoint).requireSuccess();

    requireCleanEnd(daemon);
  }

  @Test
  void letsOthersInWhereThatIsAllowedAndTheKernelChecksTheModes() {
    Daemon daemon = mount("user_allow_other\n", "--allow-other");
    run(
        namespace.as(NOBODY),
        "echo shown > a; echo secret > b; chmod 600 b; mkdir d; chmod 700 d; echo inner > d/c;"
            + " mkdir open; chmod 777 open");

    assertThat(run(namespace.as(ANOTHER), "ls; cat a; stat -c %a b"))
        .isEqualTo("a\nb\nd\nopen\nshown\n600\n");
    for (String attempt :
        List.of(
            "cat %s/b",
            "ls %s/d",
            "cat %s/d/c",
            "sh -c 'echo x > %s/a'",
            "rm -f %s/a",
            "mv %s/a %s/open/a",
            "touch %s/new",
            "chmod 666 %s/b")) {
      attempt(namespace.as(ANOTHER), attempt.replace("%s", mountPoint.toString()))
          .requireFailure(attempt.startsWith("chmod") ? "not permitted" : "Permission denied");
    }
    assertThat(run(namespace.as(ANOTHER), "echo mine > open/e; cat open/e")).isEqualTo("mine\n");
    // Whom nothing is forbidden.
    assertThat(run(namespace.asRoot(), "cat b d/c open/e")).isEqualTo("secret\ninner\nmine\n");

    run(namespace.asRoot(), "cd /; kill -TERM " + daemon.pid());

    requireCleanEnd(daemon);
  }

  private Daemon mount(String configuration, String... options) {
    namespace = MountNamespace.of(place, configuration);
    List<String> arguments = new ArrayList<>(List.of(options));
    arguments.addAll(List.of("--binding", System.getProperty("redisfuse.binding", "kernel")));
    arguments.addAll(List.of("--backend", "memory", mountPoint.toString()));
    return place
        .daemon(namespace.as(NOBODY), jar, Map.of(), arguments.toArray(String[]::new))
        .awaitReady();
  }

  /** The daemon ends by itself, and nothing is mounted any more. */
  private void requireCleanEnd(Daemon daemon) {
    assertThat(daemon.awaitEnd()).withFailMessage("It failed: %s", daemon).isZero();
    assertThat(daemon.err()).doesNotContain("ERROR").doesNotContain("Exception");
    assertThat(attempt(namespace.asRoot(), "cat /proc/self/mounts").requireSuccess().out())
        .contains(" /dev/fuse ")
        .doesNotContain(mountPoint.toString());
  }

  /** Runs a script in the mount. */
  private String run(List<String> who, String script) {
    return attempt(who, "bash -euc 'cd " + mountPoint + "; " + script + "'").requireSuccess().out();
  }

  private Shell.Outcome attempt(List<String> who, String command) {
    return place.shell().attempt(String.join(" ", who) + " " + command);
  }
}
