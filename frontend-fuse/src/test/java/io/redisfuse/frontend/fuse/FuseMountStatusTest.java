package io.redisfuse.frontend.fuse;

import static org.assertj.core.api.Assertions.assertThat;

import io.redisfuse.api.Bytes;
import io.redisfuse.frontend.files.StatusFileSystem;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** Programs read the status of a mount, whose text is another one each time. */
@Timeout(value = 90, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
@ParameterizedClass
@EnumSource(MountOptions.Binding.class)
class FuseMountStatusTest {

  @Parameter MountOptions.Binding binding;

  private final AtomicInteger made = new AtomicInteger();
  private final FileTree tree = new FileTree();
  private Path directory;
  private FuseMount mount;
  private Shell shell;

  @BeforeEach
  void mount() throws IOException {
    directory = Files.createTempDirectory("redisfuse-status").toRealPath();
    StatusFileSystem files = new StatusFileSystem(tree, this::text, 0, 0, Clock.systemUTC());
    mount = FuseMount.mount(directory, files, Mounted.OPTIONS.withBinding(binding));
    shell = new Shell(directory);
  }

  @AfterEach
  void unmount() throws IOException {
    mount.close();
    Mounted.release(directory);
    tree.close();
  }

  /** Each is a line longer than the one before. */
  private Bytes text() {
    int number = made.incrementAndGet();
    return Bytes.utf8("first: 1\n" + "more: 2\n".repeat(number) + "last: " + number + "\n");
  }

  private String run(String script) throws IOException {
    return shell.run(script);
  }

  @Test
  void isThereForWhoKnowsIt() throws IOException {
    assertThat(run("echo x >a; ls -A; ls .redisfuse; ls -la .redisfuse | wc -l"))
        .isEqualTo("a\nstatus\n4");
    assertThat(run("stat -c '%a %F' .redisfuse .redisfuse/status"))
        .isEqualTo("555 directory\n444 regular file");
    assertThat(run("find . -name status | wc -l; cat .redisfuse/none 2>&1 || true"))
        .isEqualTo("0\ncat: .redisfuse/none: No such file or directory");
  }

  @Test
  void programsReadAllOfIt() throws IOException {
    assertThat(
            run(
                "cat .redisfuse/status >../status.copy; tail -n 1 ../status.copy; rm ../status.copy"))
        .startsWith("last: ");
    assertThat(run("head -n 1 .redisfuse/status")).isEqualTo("first: 1");
    assertThat(run("tail -n 1 .redisfuse/status")).startsWith("last: ");
    assertThat(run("tail -c 3 .redisfuse/status")).matches("(: )?[0-9]+");
    assertThat(run("grep -c last .redisfuse/status")).isEqualTo("1");
    assertThat(run("cp .redisfuse/status b; tail -n 1 b; rm b")).startsWith("last: ");
    assertThat(run("python3 -c 'print(open(\".redisfuse/status\").read().splitlines()[-1])'"))
        .startsWith("last: ");
    assertThat(run("exec 3<.redisfuse/status; wc -c <&3")).matches("[0-9]+");
    assertThat(
            run(
                "exec 3<.redisfuse/status; a=$(cat <&3); exec 4<&3; stat -Lc %s /proc/$$/fd/3; echo \"$a\" | wc -c"))
        .satisfies(sizes -> assertThat(sizes.lines().distinct()).hasSize(1));
    assertThat(
            run(
                "vim -u NONE -n -es -R -c 'redir! > /dev/stdout' -c '$p' -c 'qa!' .redisfuse/status </dev/null"))
        .contains("last: ");
  }

  @Test
  void whoReadsTwiceFindsAnotherText() throws IOException {
    String first = run("cat .redisfuse/status");
    assertThat(run("cat .redisfuse/status")).isNotEqualTo(first).startsWith("first: ");
  }

  @Test
  void nobodyChangesIt() throws IOException {
    run("echo x >a");
    for (String script :
        new String[] {
          "echo x >.redisfuse/status",
          "echo x >>.redisfuse/status",
          "truncate -s 0 .redisfuse/status",
          "touch .redisfuse/status",
          "chmod 644 .redisfuse/status",
          "echo x >.redisfuse/new",
          "mkdir .redisfuse/new",
          "ln -s a .redisfuse/new",
          "rm -f .redisfuse/status",
          "rmdir .redisfuse",
          "mv .redisfuse b",
          "mv .redisfuse/status b",
          "mv a .redisfuse/new",
          "mv -T a .redisfuse/status",
        }) {
      assertThat(shell.attempt(script).text()).as(script).contains("Permission denied");
    }
    assertThat(shell.attempt("ln a .redisfuse/new").text())
        .containsAnyOf("Permission denied", "Operation not permitted");
    assertThat(run("ls; cat a")).isEqualTo("a\nx");
  }
}
