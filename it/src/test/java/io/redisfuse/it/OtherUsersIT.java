package io.redisfuse.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Whom a mount lets in. The tests become another user, as root or by way of sudo. */
class OtherUsersIT {

  /** A user that owns nothing: {@code nobody} on most systems. */
  private static final int NOBODY = 65534;

  @RegisterExtension final Workplace place = new Workplace();

  @Test
  void anotherUserCannotEnter() {
    Mount mount = place.mount(BackendKind.MEMORY);
    place.shell(mount).run("echo secret > a");

    for (String attempt : List.of("ls %s", "cat %s/a", "touch %s/b")) {
      asNobody(attempt.formatted(mount.path())).requireFailure("Permission denied");
    }
    assertThat(place.shell(mount).run("ls; cat a")).isEqualTo("a\nsecret\n");
  }

  @Test
  void withAllowOtherAnotherUserMayWhatTheModesSay() {
    Redis redis = place.redis();
    Mount mount = place.mount(redis, "--allow-other");
    place.shell(mount).run("echo shown > a; echo secret > b; chmod 600 b; mkdir d; chmod 700 d");

    assertThat(asNobody("ls " + mount.path()).requireSuccess().out()).isEqualTo("a\nb\nd\n");
    assertThat(asNobody("cat " + mount.path() + "/a").requireSuccess().out()).isEqualTo("shown\n");
    for (String attempt :
        List.of(
            "cat %s/b",
            "ls %s/d",
            "sh -c 'echo x > %s/a'",
            "rm -f %s/a",
            "touch %s/new",
            "truncate -s 0 %s/a")) {
      asNobody(attempt.formatted(mount.path())).requireFailure("Permission denied");
    }
    assertThat(redis.keyspace())
        .isEqualTo(Keyspace.empty().string("a", "shown\n").string("b", "secret\n").markers("d:"));
  }

  @Test
  void anOrdinaryUserMountsOrIsToldWhyNot() throws IOException {
    Path jar = Files.copy(Daemon.JAR, place.directory().resolve("daemon.jar"));
    Files.setPosixFilePermissions(jar, PosixFilePermissions.fromString("rw-r--r--"));
    Path mountPoint = place.newDirectory("of-nobody");
    place
        .shell()
        .run(String.join(" ", sudo()) + " chown " + NOBODY + " " + mountPoint + " " + place.home());
    boolean mayMount =
        Files.getPosixFilePermissions(Path.of("/dev/fuse"))
            .containsAll(
                List.of(PosixFilePermission.OTHERS_READ, PosixFilePermission.OTHERS_WRITE));

    Daemon daemon =
        place.daemon(nobody(), jar, Map.of(), "--backend", "memory", mountPoint.toString());

    if (mayMount) {
      daemon.awaitReady();
      assertThat(asNobody("sh -c 'echo x > %1$s/a; cat %1$s/a'".formatted(mountPoint)).out())
          .isEqualTo("x\n");
      asNobody("fusermount -u " + mountPoint).requireSuccess();
      assertThat(daemon.awaitEnd()).isZero();
    } else {
      assertThat(daemon.awaitEnd()).isEqualTo(1);
      assertThat(daemon.err()).contains("may not open /dev/fuse").doesNotContain("\tat ");
    }
  }

  private Shell.Outcome asNobody(String command) {
    return place.shell().attempt(String.join(" ", nobody()) + " " + command);
  }

  private static List<String> nobody() {
    List<String> command = new ArrayList<>(sudo());
    command.addAll(List.of("setpriv", "--reuid=" + NOBODY, "--regid=" + NOBODY, "--clear-groups"));
    return command;
  }

  private static List<String> sudo() {
    return System.getProperty("user.name").equals("root") ? List.of() : List.of("sudo", "-n");
  }
}
