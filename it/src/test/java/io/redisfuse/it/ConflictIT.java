package io.redisfuse.it;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.redisfuse.backend.redis.Rounds;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import redis.clients.jedis.Jedis;

/** A rival writes a key while a file is open: what the rival wrote is never overwritten. */
@Rounds
class ConflictIT {

  @RegisterExtension final Workplace place = new Workplace();

  private Redis redis;
  private Mount mount;

  @BeforeEach
  void mountANote() {
    redis = place.redis();
    redis.with(client -> client.set("note", "first"));
    redis.with(client -> client.hset("page", "text", "first"));
    redis.with(client -> client.hset("page", "title", "untouched"));
    mount = place.mount(redis);
  }

  @Test
  void aSaveOverARivalsValueFails() throws IOException {
    requireRejected("note", client -> client.set("note", "rival's"));

    assertThat(redis.get("note")).isEqualTo("rival's");
    assertThat(Files.readString(mount.resolve("note"))).isEqualTo("rival's");
  }

  @Test
  void aSaveOverARivalsFieldFails() throws IOException {
    requireRejected("page.text", client -> client.hset("page", "text", "rival's"));

    assertThat(redis.get("page", "text")).isEqualTo("rival's");
    assertThat(redis.get("page", "title")).isEqualTo("untouched");
  }

  @Test
  void aSaveOfWhatARivalDeletedFails() throws IOException {
    requireRejected("note", client -> client.del("note"));

    assertThat(redis.get("note")).isNull();
    assertThatThrownBy(() -> Files.readString(mount.resolve("note")))
        .isInstanceOf(NoSuchFileException.class);
  }

  @Test
  void aSaveOverARivalsListFails() throws IOException {
    requireRejected(
        "note",
        client -> {
          client.del("note");
          client.rpush("note", "item");
        });

    assertThat(redis.keyspace().get("note"))
        .isEqualTo(Keyspace.empty().list("note", "item").get("note"));
  }

  @Test
  void aSaveOverARivalsNewKeyFails() throws IOException {
    FileChannel open =
        FileChannel.open(mount.resolve("new"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    open.write(text("mine"));
    redis.with(client -> client.set("new", "rival's"));

    requireBusy(open);

    assertThat(redis.get("new")).isEqualTo("rival's");
    requireKept("mine");
  }

  @Test
  void aTruncatingSaveFailsToo() throws IOException {
    FileChannel open =
        FileChannel.open(
            mount.resolve("note"), StandardOpenOption.WRITE, StandardOpenOption.TRUNCATE_EXISTING);
    open.write(text("mine"));
    redis.with(client -> client.set("note", "rival's"));

    requireBusy(open);

    assertThat(redis.get("note")).isEqualTo("rival's");
    requireKept("mine");
  }

  @Test
  void fsyncTellsOfTheConflictAndSoDoesEveryLaterCall() throws IOException {
    FileChannel open = FileChannel.open(mount.resolve("note"), StandardOpenOption.WRITE);
    open.write(text("mine!"));
    redis.with(client -> client.set("note", "rival's"));

    assertThatThrownBy(() -> open.force(true)).hasMessageContaining("busy");
    assertThatThrownBy(() -> open.write(text("more"))).hasMessageContaining("busy");
    requireBusy(open);

    assertThat(redis.get("note")).isEqualTo("rival's");
    requireKept("mine!");
  }

  @Test
  void afterAConflictTheNextOpenCanSave() throws IOException {
    requireRejected("note", client -> client.set("note", "rival's"));

    Files.writeString(mount.resolve("note"), "merged");

    assertThat(redis.get("note")).isEqualTo("merged");
  }

  @Test
  void whatWasRejectedIsShownInTheNextMountTooUntilItIsRemoved() throws IOException {
    requireRejected("note", client -> client.set("note", "rival's"));
    mount.unmount();
    mount = place.mount(redis);

    Shell shell = place.shell(mount);
    assertThat(shell.run("cat note.conflict-*; stat -c %s note.conflict-*")).isEqualTo("fMINE5\n");
    shell.attempt("echo more >> note.conflict-*").requireFailure("Permission denied");
    shell.run("rm note.conflict-*");
    assertThat(shell.run("ls; ls ../home/state/redisfuse/conflicts"))
        .isEqualTo("note\npage.text\npage.title\n");
  }

  @Test
  void whatWasRejectedIsSavedByMovingItOverItsFileIfNobodyElseWrote() throws IOException {
    requireRejected("page.text", client -> client.hset("page", "text", "rival's"));
    Shell shell = place.shell(mount);

    redis.with(client -> client.hset("page", "text", "another rival's"));
    shell.attempt("mv page.text.conflict-* page.text").requireFailure("busy");
    assertThat(redis.get("page", "text")).isEqualTo("another rival's");

    redis.with(client -> client.hset("page", "text", "rival's"));
    shell.run("mv page.text.conflict-* page.text");
    assertThat(redis.get("page", "text")).isEqualTo("fMINE");
  }

  @Test
  void cpReportsTheConflict() {
    place.shell().run("mkfifo pipe");

    // dd opens the target, and waits for the source until the rival has written.
    place
        .shell(mount)
        .attempt(
            "dd if=../pipe of=note conv=notrunc status=none & writer=$!; exec 3> ../pipe;"
                + " until readlink /proc/$writer/fd/1 | grep -q note; do sleep 0.02; done;"
                + " redis-cli -c -p "
                + redis.port()
                + " set note \"rival's\" > ../log; echo mine >&3; exec 3>&-; wait $writer")
        .requireFailure("busy");

    assertThat(redis.get("note")).isEqualTo("rival's");
  }

  @Test
  void whatIsNotTheCellIsNoConflict() throws IOException {
    try (FileChannel note = FileChannel.open(mount.resolve("note"), StandardOpenOption.WRITE);
        FileChannel page = FileChannel.open(mount.resolve("page.text"), StandardOpenOption.WRITE)) {
      note.write(text("mine!"));
      page.write(text("mine!"));
      redis.with(
          client -> {
            client.expire("note", 1000);
            client.hset("page", "title", "rival's");
            client.hset("page", "new", "rival's");
            client.expire("page", 1000);
            client.set("another", "rival's");
          });
    }

    assertThat(redis.get("note")).isEqualTo("mine!");
    assertThat(redis.get("page", "text")).isEqualTo("mine!");
    assertThat(redis.get("page", "title")).isEqualTo("rival's");
    redis.with(
        client -> {
          assertThat(client.ttl("note")).isPositive();
          assertThat(client.ttl("page")).isPositive();
        });
  }

  @Test
  void appendersNeverConflict() throws IOException {
    try (FileChannel open = FileChannel.open(mount.resolve("note"), StandardOpenOption.APPEND)) {
      open.write(text(" mine"));
      redis.with(client -> client.append("note", " rival's"));
    }

    assertThat(redis.get("note")).isEqualTo("first rival's mine");
    assertThat(Files.readString(mount.resolve("note"))).isEqualTo("first rival's mine");
  }

  private void requireRejected(String name, Rival rival) throws IOException {
    FileChannel open =
        FileChannel.open(mount.resolve(name), StandardOpenOption.READ, StandardOpenOption.WRITE);
    open.write(text("MINE"), 1);
    redis.with(rival::act);

    requireBusy(open);

    requireKept("fMINE");
  }

  private static void requireBusy(FileChannel open) {
    assertThatThrownBy(open::close)
        .isInstanceOf(IOException.class)
        .hasMessageContaining("Device or resource busy");
  }

  /** Outside Redis, on this machine, as the log says; and shown beside the file. */
  private void requireKept(String text) throws IOException {
    Path kept = place.home().resolve("state/redisfuse/conflicts");
    try (Stream<Path> files = Files.list(kept)) {
      List<Path> texts = files.filter(file -> file.toString().endsWith(".text")).toList();
      assertThat(texts).hasSize(1);
      assertThat(Files.readString(texts.get(0))).isEqualTo(text);
      String id = texts.get(0).getFileName().toString().replace(".text", "");
      assertThat(mount.daemon().err()).contains(id);
      try (Stream<Path> beside = Files.list(mount.resolve(""))) {
        List<Path> shown =
            beside.filter(file -> file.toString().endsWith(".conflict-" + id)).toList();
        assertThat(shown).hasSize(1);
        assertThat(Files.readString(shown.get(0))).isEqualTo(text);
      }
    }
  }

  private static ByteBuffer text(String text) {
    return ByteBuffer.wrap(text.getBytes(UTF_8));
  }

  private interface Rival {
    void act(Jedis client);
  }
}
