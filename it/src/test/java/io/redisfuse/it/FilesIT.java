package io.redisfuse.it;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.StandardOpenOption;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Strings and fields behave as files do, in all that the first redisfuse got wrong, and more. */
class FilesIT {

  @RegisterExtension final Workplace place = new Workplace();

  @ParameterizedTest
  @ValueSource(strings = {"string", "hash.field"})
  void truncatingCutsAndExtends(String name) {
    Redis redis = place.redis();
    Shell shell = place.shell(place.mount(redis));

    shell.run("printf 0123456789 > " + name + "; truncate -s 4 " + name);
    assertThat(value(redis, name)).isEqualTo("0123");
    assertThat(shell.run("cat " + name)).isEqualTo("0123");

    shell.run("truncate -s 6 " + name);
    assertThat(value(redis, name)).isEqualTo("0123\0\0");

    shell.run("truncate -s 0 " + name);
    assertThat(value(redis, name)).isEmpty();
    assertThat(shell.run("stat -c %s " + name)).isEqualTo("0\n");
  }

  @ParameterizedTest
  @ValueSource(strings = {"string", "hash.field"})
  void writingInTheMiddleLeavesTheRest(String name) {
    Redis redis = place.redis();
    Shell shell = place.shell(place.mount(redis));

    shell.run("printf 0123456789 > " + name);
    shell.run("printf XY | dd of=" + name + " bs=1 seek=3 conv=notrunc status=none");
    assertThat(value(redis, name)).isEqualTo("012XY56789");

    shell.run("printf END | dd of=" + name + " bs=1 seek=9 conv=notrunc status=none");
    assertThat(value(redis, name)).isEqualTo("012XY5678END");

    shell.run("printf Z | dd of=" + name + " bs=1 seek=15 conv=notrunc status=none");
    assertThat(value(redis, name)).isEqualTo("012XY5678END\0\0\0Z");

    shell.run("printf abc | dd of=" + name + " bs=1 seek=5 status=none");
    assertThat(value(redis, name)).isEqualTo("012XYabc");
  }

  @ParameterizedTest
  @ValueSource(strings = {"string", "hash.field"})
  void readsHonourOffsetAndSize(String name) {
    Redis redis = place.redis();
    Mount mount = place.mount(redis);
    Shell shell = place.shell(mount);
    shell.run("seq -w 0 99999 > ../numbers; cp ../numbers " + name);

    assertThat(shell.run("dd if=" + name + " bs=1 skip=6 count=5 status=none")).isEqualTo("00001");
    assertThat(shell.run("dd if=" + name + " bs=6 skip=54321 count=2 status=none"))
        .isEqualTo("54321\n54322\n");
    assertThat(shell.run("tail -c 6 " + name)).isEqualTo("99999\n");
    assertThat(shell.run("head -c 6 " + name)).isEqualTo("00000\n");
    assertThat(shell.run("dd if=" + name + " bs=1 skip=600000 count=5 status=none")).isEmpty();
    shell.run("cmp " + name + " ../numbers");
    shell.run("dd if=" + name + " bs=4095 status=none | cmp - ../numbers");
    shell.run("dd if=" + name + " bs=1M iflag=direct status=none | cmp - ../numbers");
  }

  @Test
  void aDirectoryWithSomethingInItIsNotRemoved() {
    Redis redis = place.redis();
    Shell shell = place.shell(place.mount(redis));
    shell.run("mkdir s f d v i; echo x > s/string; echo x > f/hash.field; mkdir d/sub");
    redis.with(client -> client.set("implied:key", "x"));
    Keyspace before = redis.keyspace();

    for (String full : List.of("s", "f", "d", "implied")) {
      shell.attempt("rmdir " + full).requireFailure("Directory not empty");
    }
    assertThat(redis.keyspace()).isEqualTo(before);

    shell.run("rm s/string f/hash.field implied/key; rmdir d/sub s f d v i implied");
    assertThat(redis.keyspace()).isEqualTo(Keyspace.empty());
    assertThat(shell.run("ls -A")).isEmpty();
  }

  @Test
  void aDirectoryThatLosesItsLastKeyStaysUntilItIsRemoved() {
    Redis redis = place.redis();
    redis.with(client -> client.set("a:b:c", "x"));
    Shell shell = place.shell(place.mount(redis));

    shell.run("rm a/b/c; test -d a/b; echo y > a/b/d");
    assertThat(redis.keyspace()).isEqualTo(Keyspace.empty().string("a:b:d", "y\n"));
    shell.run("rm -r a; test ! -e a");
    assertThat(redis.keyspace()).isEqualTo(Keyspace.empty());
  }

  @Test
  void aKeyThatIsAValueAndADirectoryIsBoth() {
    Redis redis = place.redis();
    redis.with(client -> client.mset("a", "value", "a:b", "below"));
    Mount mount = place.mount(redis);
    Shell shell = place.shell(mount);

    assertThat(shell.run("ls a; cat a/%value; cat a/b")).isEqualTo("%value\nb\nvaluebelow");

    shell.run("echo changed > a/%value; echo new > a/c");
    assertThat(redis.keyspace())
        .isEqualTo(
            Keyspace.empty()
                .string("a", "changed\n")
                .string("a:b", "below")
                .string("a:c", "new\n"));

    shell.attempt("rmdir a").requireFailure("Directory not empty");
    shell.run("rm a/b a/c");
    assertThat(shell.run("cat a/%value")).isEqualTo("changed\n");
    assertThat(redis.keyspace()).isEqualTo(Keyspace.empty().string("a", "changed\n"));
    shell.run("rm a/%value; rmdir a");
    assertThat(redis.keyspace()).isEqualTo(Keyspace.empty());
  }

  @Test
  void aListThatIsADirectoryTooIsBoth() {
    Redis redis = place.redis();
    redis.with(client -> client.rpush("a", "one", "two"));
    redis.with(client -> client.hset("a:b", "c", "below"));
    Shell shell = place.shell(place.mount(redis));

    // A listing waits until all keys are known.
    assertThat(shell.run("ls; ls a; cat a/%value a/b.c"))
        .isEqualTo("a\n%value\nb.c\none\ntwo\nbelow");
    shell.attempt("echo x > a/%value").requireFailure("Permission denied");
  }

  @Test
  void directoriesMayHaveDots() {
    Redis redis = place.redis();
    Shell shell = place.shell(place.mount(redis));

    shell.run("mkdir -p v1.2.3/.hidden/a.b; echo 1 > v1.2.3/file; echo 2 > v1.2.3/page.title");
    shell.run("echo 3 > v1.2.3/.hidden/a.b/.x; cp -r v1.2.3 copy.d; mv copy.d moved.d");

    Keyspace expected = Keyspace.empty();
    for (String top : List.of("v1.2.3", "moved.d")) {
      expected
          .markers(top + ":", top + ":.hidden:", top + ":.hidden:a.b:")
          .string(top + ":file", "1\n")
          .field(top + ":page", "title", "2\n")
          .string(top + ":.hidden:a.b:.x", "3\n");
    }
    assertThat(redis.keyspace()).isEqualTo(expected);
    assertThat(shell.run("cat v1.2.3/.hidden/a.b/.x moved.d/page.title")).isEqualTo("3\n2\n");
  }

  @Test
  void renamesBetweenStringsFieldsAndDirectoriesKeepTheContent() {
    Redis redis = place.redis();
    Shell shell = place.shell(place.mount(redis));

    shell.run("echo s > s; mv s t");
    assertThat(redis.keyspace()).isEqualTo(Keyspace.empty().string("t", "s\n"));
    shell.run("mv t h.f");
    assertThat(redis.keyspace()).isEqualTo(Keyspace.empty().field("h", "f", "s\n"));
    shell.run("mv h.f h.g");
    assertThat(redis.keyspace()).isEqualTo(Keyspace.empty().field("h", "g", "s\n"));
    shell.run("mkdir d; mv h.g d/s");
    assertThat(redis.keyspace()).isEqualTo(Keyspace.empty().markers("d:").string("d:s", "s\n"));
    shell.run("echo old > d/k.v; mv d/s d/k.v");
    assertThat(redis.keyspace()).isEqualTo(Keyspace.empty().markers("d:").field("d:k", "v", "s\n"));
    shell.run("mkdir e; mv d e/f");
    assertThat(redis.keyspace())
        .isEqualTo(Keyspace.empty().markers("e:", "e:f:").field("e:f:k", "v", "s\n"));
    shell.attempt("mv e e/f/g").requireFailure("subdirectory of itself");
    shell.run("mkdir -p x/f; echo 1 > x/f/full");
    shell.attempt("mv -T e/f x/f").requireFailure("Directory not empty");
    assertThat(shell.run("cat e/f/k.v x/f/full")).isEqualTo("s\n1\n");
  }

  @Test
  void twoHandlesOfOneFileSeeEachOther() throws IOException {
    Redis redis = place.redis();
    Mount mount = place.mount(redis);
    redis.with(client -> client.set("f", "0123456789"));

    try (FileChannel one =
            FileChannel.open(
                mount.resolve("f"), StandardOpenOption.READ, StandardOpenOption.WRITE);
        FileChannel two =
            FileChannel.open(
                mount.resolve("f"), StandardOpenOption.READ, StandardOpenOption.WRITE)) {
      one.write(text("AB"), 2);
      assertThat(read(two)).isEqualTo("01AB456789");
      two.write(text("CD"), 4);
      assertThat(read(one)).isEqualTo("01ABCD6789");
      assertThat(redis.get("f")).as("before any close").isEqualTo("0123456789");
    }
    assertThat(redis.get("f")).isEqualTo("01ABCD6789");
  }

  @Test
  void anUnlinkedFileLivesWhileItIsOpen() throws IOException {
    Redis redis = place.redis();
    Mount mount = place.mount(redis);
    redis.with(client -> client.set("f", "content"));

    try (FileChannel open =
        FileChannel.open(mount.resolve("f"), StandardOpenOption.READ, StandardOpenOption.WRITE)) {
      Files.delete(mount.resolve("f"));
      assertThat(Files.exists(mount.resolve("f"))).isFalse();
      assertThat(read(open)).isEqualTo("content");
      open.write(text("C"), 0);
      assertThat(read(open)).isEqualTo("Content");
      Files.writeString(mount.resolve("f"), "another");
      assertThat(read(open)).isEqualTo("Content");
    }
    assertThat(redis.keyspace()).isEqualTo(Keyspace.empty().string("f", "another"));
    assertThat(place.shell(mount).run("ls -A")).isEqualTo("f\n");
  }

  @Test
  void aFileThatItsOwnProcessUnlinksIsRemovedWhenThatHasClosedIt() throws IOException {
    Redis redis = place.redis();
    Mount mount = place.mount(redis);
    redis.with(client -> client.set("f", "content"));

    try (FileChannel open = FileChannel.open(mount.resolve("f"), StandardOpenOption.READ)) {
      Files.delete(mount.resolve("f"));
      assertThat(redis.get("f")).isEqualTo("content");
      assertThat(read(open)).isEqualTo("content");
    }
    await().until(() -> redis.get("f") == null);
    assertThat(redis.keyspace()).isEqualTo(Keyspace.empty());
  }

  @Test
  void fsyncSaves() throws IOException {
    Redis redis = place.redis();
    Mount mount = place.mount(redis);

    try (FileChannel open =
        FileChannel.open(mount.resolve("f"), StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
      open.write(text("one"));
      open.force(true);
      assertThat(redis.get("f")).isEqualTo("one");
      open.write(text(" two"));
      open.force(false);
      assertThat(redis.get("f")).isEqualTo("one two");
    }
  }

  @Test
  void aMappedFileIsSaved() {
    Redis redis = place.redis();
    Mount mount = place.mount(redis);
    redis.with(client -> client.set("f", "0123456789"));

    place
        .shell(mount)
        .run(
            """
            python3 - <<'END'
            import mmap, os
            f = os.open('f', os.O_RDWR)
            m = mmap.mmap(f, 10)
            m[5:7] = b'MM'
            m.flush()
            m.close()
            os.close(f)
            END
            """);

    assertThat(redis.get("f")).isEqualTo("01234MM789");
  }

  @Test
  void aSizeIsRightWhileAFileIsWritten() throws IOException {
    Mount mount = place.mount(BackendKind.REDIS);

    try (RandomAccessFile open = new RandomAccessFile(mount.resolve("f").toFile(), "rw")) {
      open.write(new byte[1000]);
      assertThat(Files.size(mount.resolve("f"))).isEqualTo(1000);
      open.setLength(10);
      assertThat(Files.size(mount.resolve("f"))).isEqualTo(10);
      open.setLength(5000);
      assertThat(Files.size(mount.resolve("f"))).isEqualTo(5000);
    }
    assertThat(Files.size(mount.resolve("f"))).isEqualTo(5000);
  }

  @Test
  void theMemoryBackendHoldsFilesToo() {
    Mount mount = place.mount(BackendKind.MEMORY);

    assertThat(
            place
                .shell(mount)
                .run(
                    "mkdir -p a/b; echo x > a/b/c.d; echo y >> a/b/c.d; mv a/b/c.d e; cat e; ls -R"))
        .isEqualTo("x\ny\n.:\na\ne\n\n./a:\nb\n\n./a/b:\n");
  }

  private static String value(Redis redis, String name) {
    int dot = name.indexOf('.');
    return dot < 0 ? redis.get(name) : redis.get(name.substring(0, dot), name.substring(dot + 1));
  }

  private static ByteBuffer text(String text) {
    return ByteBuffer.wrap(text.getBytes(UTF_8));
  }

  private static String read(FileChannel channel) throws IOException {
    ByteBuffer buffer = ByteBuffer.allocate(1000);
    while (channel.read(buffer, buffer.position()) > 0) {}
    return new String(buffer.array(), 0, buffer.position(), UTF_8);
  }
}
