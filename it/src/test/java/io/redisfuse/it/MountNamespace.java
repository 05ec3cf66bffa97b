package io.redisfuse.it;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * A mount namespace of the test's own, in which every user may mount: {@code /dev/fuse} is open to
 * all, and {@code /etc/fuse.conf} says what the test wants. The machine's own are not touched. It
 * goes, with all that is mounted in it, when nothing runs in it any more.
 */
final class MountNamespace {

  /** Where the device is made: the directories of tests may be on a file system without devices. */
  private static final String PREPARE =
      """
      set -eu
      mkdir "$1/devices"
      mount -t tmpfs -o mode=0755 devices "$1/devices"
      mknod "$1/devices/fuse" c 10 229
      chmod 0666 "$1/devices/fuse"
      mount --bind "$1/devices/fuse" /dev/fuse
      mount --bind "$1/fuse.conf" /etc/fuse.conf
      echo $$
      exec cat
      """;

  private final Process holder;
  private final String pid;

  private MountNamespace(Process holder, String pid) {
    this.holder = holder;
    this.pid = pid;
  }

  /**
   * Makes one, which goes after the test.
   *
   * @param configuration what is in {@code /etc/fuse.conf}
   */
  static MountNamespace of(Workplace place, String configuration) {
    try {
      Path directory = place.newDirectory("namespace");
      Files.writeString(directory.resolve("fuse.conf"), configuration);
      List<String> command = new ArrayList<>(Superuser.command());
      command.addAll(List.of("unshare", "--mount", "--propagation", "private"));
      command.addAll(List.of("sh", "-c", PREPARE, "sh", directory.toString()));
      // Ends when this process does, since its input then ends.
      Process holder =
          new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
      place.onClose(
          () -> {
            holder.getOutputStream().close();
            assertThat(holder.waitFor(20, TimeUnit.SECONDS)).as("the namespace goes").isTrue();
          });
      BufferedReader said =
          new BufferedReader(new InputStreamReader(holder.getInputStream(), UTF_8));
      String pid = said.readLine();
      assertThat(pid).as("the namespace is made").isNotNull();
      return new MountNamespace(holder, pid);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A command that runs the words that follow it in here, as a user without any rights. */
  List<String> as(int user) {
    List<String> command = asRoot();
    command.addAll(List.of("setpriv", "--reuid=" + user, "--regid=" + user, "--clear-groups"));
    return command;
  }

  /** A command that runs the words that follow it in here, as root. */
  List<String> asRoot() {
    assertThat(holder.isAlive()).as("the namespace is there").isTrue();
    List<String> command = new ArrayList<>(Superuser.command());
    command.addAll(List.of("nsenter", "--target", pid, "--mount"));
    return command;
  }
}
