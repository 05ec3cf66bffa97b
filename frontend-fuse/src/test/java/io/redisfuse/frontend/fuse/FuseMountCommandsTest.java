package io.redisfuse.frontend.fuse;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.redisfuse.api.Bytes;
import io.redisfuse.frontend.files.Attributes;
import io.redisfuse.frontend.files.Caller;
import io.redisfuse.frontend.files.FileSystem;
import java.io.IOException;
import java.time.Instant;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** What the programs of a shell do on a mount. */
@Timeout(value = 90, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
@ParameterizedClass
@EnumSource(MountOptions.Binding.class)
class FuseMountCommandsTest {

  @Parameter MountOptions.Binding binding;

  private Mounted mounted;

  @BeforeEach
  void mount() throws IOException {
    mounted = new Mounted(binding);
  }

  @AfterEach
  void unmount() throws IOException {
    mounted.close();
  }

  private String run(String script) throws IOException {
    return mounted.shell.run(script);
  }

  @Test
  void redirectionsCreateAppendAndTruncate() throws IOException {
    assertThat(run("echo one >f; echo two >>f; cat f; echo three >f; cat f; : >f; wc -c <f"))
        .isEqualTo("one\ntwo\nthree\n0");
  }

  @Test
  void aShellReadsAndWritesThroughOneDescriptor() throws IOException {
    assertThat(run("echo abc >f; exec 3<>f; read -u 3 x; echo def >&3; exec 3>&-; echo $x; cat f"))
        .isEqualTo("abc\nabc\ndef");
  }

  @Test
  void ddWritesInTheMiddle() throws IOException {
    assertThat(
            run(
                "printf 0123456789 >f; printf ab | dd of=f bs=1 seek=4 conv=notrunc status=none;"
                    + " cat f; echo; dd if=f bs=1 skip=3 count=4 status=none"))
        .isEqualTo("0123ab6789\n3ab6");
  }

  @Test
  void truncateMakesHoles() throws IOException {
    assertThat(
            run("printf abc >f; truncate -s 5 f; od -An -c f | tr -s ' '; truncate -s 1 f; cat f"))
        .isEqualTo("a b c \\0 \\0\na");
  }

  @Test
  void cpKeepsModesTimesAndOwners() throws IOException {
    assertThat(
            run(
                "mkdir -p a/b; echo x >a/b/f; chmod 640 a/b/f; chown 7:8 a/b/f;"
                    + " touch -d '2001-02-03 04:05:06.123456789 UTC' a/b/f; cp -a a c;"
                    + " TZ=UTC stat -c '%a %u:%g %s %y' c/b/f; diff -r a c"))
        .isEqualTo("640 7:8 2 2001-02-03 04:05:06.123456789 +0000");
  }

  @Test
  void tarKeepsTimes() throws IOException {
    assertThat(
            run(
                "mkdir d; echo x >d/f; touch -d @1000000000.5 d/f; touch -d @1100000000 d;"
                    + " tar --format=posix -c d | (mkdir out; tar -C out -x); stat -c %.1Y out/d/f out/d"))
        .isEqualTo("1000000000.5\n1100000000.0");
  }

  @Test
  void touchSetsOneTimeAndLeavesTheOther() throws IOException {
    run("echo >f; touch -d @1000 f; touch -m -d @2000.25 f");
    assertThat(run("stat -c '%X %.2Y' f")).isEqualTo("1000 2000.25");

    run("touch -a -d @-5 f");
    assertThat(run("stat -c '%X %.2Y' f")).isEqualTo("-5 2000.25");

    Instant before = Instant.now().minusSeconds(1);
    run("touch f");
    Attributes now = mounted.tree.lookup(FileSystem.ROOT, Bytes.utf8("f"));
    assertThat(now.accessed()).isBetween(before, Instant.now().plusSeconds(1));
    assertThat(now.modified()).isEqualTo(now.accessed());
  }

  @Test
  void chownLeavesWhatItDoesNotName() throws IOException {
    assertThat(
            run(
                "echo >f; chown 5:6 f; chown 7 f; stat -c %u:%g f; chgrp 4294967294 f;"
                    + " stat -c %u:%g f"))
        .isEqualTo("7:6\n7:4294967294");
  }

  @Test
  void mvRenamesAndReplaces() throws IOException {
    assertThat(run("mkdir a b; echo x >a/f; echo y >b/f; mv a/f b/f; cat b/f; mv b c; ls -R"))
        .isEqualTo("x\n.:\na\nc\n\n./a:\n\n./c:\nf");
  }

  @Test
  void rmRemovesATree() throws IOException {
    run("for d in 1 2 3; do mkdir -p $d/x/y; for i in {1..50}; do echo >$d/x/y/$i; done; done");
    assertThat(run("find . -type f | wc -l; rm -r 1 2 3; ls -A")).isEqualTo("150");
  }

  @Test
  void neitherPipesNorHardLinksCanBeMade() throws IOException {
    assertThat(mounted.shell.attempt("mkfifo p").text()).contains("Operation not permitted");
    assertThat(mounted.shell.attempt("echo >x; ln x y").text()).contains("Operation not permitted");
  }

  @Test
  void symbolicLinksPointAnywhere() throws IOException {
    assertThat(run("ln -s 'me@host.1 ü' y; readlink y; stat -c %F y; ls -F; rm y; ls"))
        .isEqualTo("me@host.1 ü\nsymbolic link\ny@");
    assertThat(run("echo text >f; ln -s f l; cat l; cat <l; ls l")).isEqualTo("text\ntext\nl");
  }

  @Test
  void theUmaskIsHonoured() throws IOException {
    assertThat(run("umask 027; echo >f; mkdir d; stat -c %a f d")).isEqualTo("640\n750");
  }

  @Test
  void namesAreBytes() throws IOException {
    // Latin-1, a lone continuation, an overlong slash, a newline, quotes, an emoji, a glob.
    String names =
        "$'\\xe9t\\xe9' $'\\x80' $'\\xc0\\xaf' $'a\\nb' '\"' \"'\" $'\\xf0\\x9f\\x98\\x80' '*' ' ' '\\'";
    run("for n in " + names + "; do printf %s \"$n\" >\"$n\" || exit 1; done");

    // Every listed name is the one that the file holds, and nothing else is listed.
    assertThat(run("find . -type f -printf x | wc -c")).isEqualTo("10");
    run(
        "find . -type f -print0 | while IFS= read -r -d '' f; do"
            + " cmp <(printf %s \"${f#./}\") \"$f\" || exit 1; done");
    byte[] latin1 = {(byte) 0xe9, 't', (byte) 0xe9};
    assertThat(mounted.tree.lookup(FileSystem.ROOT, Bytes.wrap(latin1)).size()).isEqualTo(3);
    run("for n in " + names + "; do mv \"$n\" \"$n.x\" && rm \"$n.x\" || exit 1; done");
    assertThat(run("ls -A")).isEmpty();
  }

  @Test
  void namesHaveUpTo255Bytes() throws IOException {
    run("n=$(printf %0255d 0); echo x >$n; cat $n; mkdir d; mv $n d; ls d | grep -qx $n");

    assertThat(mounted.shell.attempt("echo >$(printf %0256d 0)").text())
        .contains("File name too long");
    assertThat(mounted.shell.attempt("mv d $(printf %01000d 0)").text())
        .contains("File name too long");
  }

  @Test
  void theCallerIsTheProcessThatAsks() throws IOException {
    String pid = run("echo >f; echo $$; exec 3<f");
    Caller opener = mounted.tree.lastCaller("open");

    assertThat(opener).isEqualTo(new Caller(Integer.parseInt(pid), 0, 0));
  }

  @Test
  void aListingOfManyNamesHoldsEachOnce() throws IOException {
    int count = 100_000;
    for (int i = 0; i < count; i++) {
      mounted.tree.makeFile(
          FileSystem.ROOT, Bytes.utf8("a-name-of-some-length-" + i), 0644, new Caller(0, 0, 0));
    }

    assertThat(run("ls -f | grep -v '^[.]*$' | sort | uniq | wc -l; ls -f | wc -l"))
        .isEqualTo(count + "\n" + (count + 2));
  }

  @Test
  void aListingGoesOnWhereItWasLeft() throws IOException {
    run("for i in {1000..1999}; do echo >$i; done");

    // Reads 300 names, remembers the place, reads on, returns, and must see the same again.
    String script =
        "opendir D, q(.); readdir D for 1..300; $at = telldir D;"
            + " @a = map { scalar readdir D } 1..400; seekdir D, $at;"
            + " @b = map { scalar readdir D } 1..400; print 0 + (join(q( ), @a) eq join(q( ), @b));"
            + " rewinddir D; @c = readdir D; print q( ), scalar @c;";
    assertThat(run("perl -e '" + script + "'")).isEqualTo("1 1002");
  }

  @Test
  void gitKeepsARepository() throws IOException {
    assertThat(
            run(
                "export GIT_CONFIG_GLOBAL=/dev/null GIT_AUTHOR_NAME=a GIT_AUTHOR_EMAIL=a@b"
                    + " GIT_COMMITTER_NAME=a GIT_COMMITTER_EMAIL=a@b; git init -q -b main .;"
                    + " for i in {1..30}; do echo $i >file$i; done; git add .; git commit -qm one;"
                    + " git gc -q; echo x >>file1; git commit -qam two;"
                    + " git fsck --full --strict 2>&1; git log --oneline | wc -l;"
                    + " git clone -q . sub 2>&1; ls sub | wc -l; git -C sub fsck 2>&1"))
        .isEqualTo("2\n30");
  }

  @Test
  void dfAndMountNameTheSource() throws IOException {
    assertThat(run("df --output=source,size,avail . | tail -1 | tr -s ' '"))
        .isEqualTo("tree 4194304 2097152");
    assertThat(run("grep ' '$PWD' ' /proc/self/mounts"))
        .startsWith("tree " + mounted.directory + " fuse.redisfuse rw,");
    assertThat(run("stat -f -c '%l %d' .")).startsWith("255 ");
  }

  @Test
  void bytesOfAllValuesSurvive() throws IOException {
    StringBuilder all = new StringBuilder();
    for (int i = 0; i < 256; i++) {
      all.append(String.format("\\x%02x", i));
    }
    byte[] read = mounted.shell.attempt("printf '" + all + "' >f; cat f").output();

    assertThat(read).hasSize(256);
    assertThat(read[255]).isEqualTo((byte) 255);
    assertThat(new String(read, 65, 26, UTF_8)).isEqualTo("ABCDEFGHIJKLMNOPQRSTUVWXYZ");
  }
}
