package io.redisfuse.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import redis.clients.jedis.Jedis;
import redis.clients.jedis.params.XAddParams;

/** What a new file becomes in Redis, by its name. */
class NewFilesIT {

  @RegisterExtension final Workplace place = new Workplace();

  @Test
  void withoutAnExtensionItIsAString() {
    Redis redis = place.redis();
    Mount mount = place.mount(redis);

    place
        .shell(mount)
        .run("echo 1 > bob; echo 2 > .gitignore; touch empty; mkdir d; echo 3 > d/.profile");

    assertThat(redis.keyspace())
        .isEqualTo(
            Keyspace.empty()
                .string("bob", "1\n")
                .string(".gitignore", "2\n")
                .string("empty", "")
                .markers("d:")
                .string("d:.profile", "3\n"));
  }

  @Test
  void aLockIsAlwaysAString() {
    Redis redis = place.redis();
    Mount mount = place.mount(redis);

    place.shell(mount).run("echo 1 > index.lock; echo 2 > conf.ini; echo 3 > conf.lock; mkdir d");
    place.shell(mount).run("echo 4 > d/a.b.lock; echo 5 > .lock");

    assertThat(redis.keyspace())
        .isEqualTo(
            Keyspace.empty()
                .string("index.lock", "1\n")
                .field("conf", "ini", "2\n")
                .string("conf.lock", "3\n")
                .markers("d:")
                .string("d:a.b.lock", "4\n")
                .string(".lock", "5\n"));
  }

  @Test
  void anExtensionIsAFieldOfAHash() {
    Redis redis = place.redis();
    Mount mount = place.mount(redis);

    place.shell(mount).run("echo 1 > page.title; echo 2 > page.body.html; echo 3 > .page.title");
    place.shell(mount).run("mkdir d; echo 4 > d/page.title");

    assertThat(redis.keyspace())
        .isEqualTo(
            Keyspace.empty()
                .field("page", "title", "1\n")
                .field("page", "body.html", "2\n")
                .field(".page", "title", "3\n")
                .markers("d:")
                .field("d:page", "title", "4\n"));
  }

  @Test
  void anExtensionBesideAKeyThatIsNoHashIsAString() {
    Redis redis = place.redis();
    redis.with(client -> client.rpush("queue", "job"));
    Mount mount = place.mount(redis);

    place.shell(mount).run("echo 1 > bob; echo 2 > bob.hello; echo 3 > queue.note");
    place.shell(mount).run("mkdir d; echo 4 > d/bob; echo 5 > d/bob.hello; echo 6 > d/queue.note");

    assertThat(redis.keyspace())
        .isEqualTo(
            Keyspace.empty()
                .string("bob", "1\n")
                .string("bob.hello", "2\n")
                .list("queue", "job")
                .string("queue.note", "3\n")
                .markers("d:")
                .string("d:bob", "4\n")
                .string("d:bob.hello", "5\n")
                .field("d:queue", "note", "6\n"));
  }

  @Test
  void anotherProgramsHashGetsTheField() {
    Redis redis = place.redis();
    Mount mount = place.mount(redis);
    redis.with(client -> client.hset("user", "name", "Ann"));

    place.shell(mount).run("echo Berlin > user.city");

    assertThat(redis.keyspace())
        .isEqualTo(Keyspace.empty().field("user", "name", "Ann").field("user", "city", "Berlin\n"));
  }

  @Test
  void theNameOfAHashIsTaken() {
    Redis redis = place.redis();
    redis.with(client -> client.hset("user", "name", "Ann"));
    Mount mount = place.mount(redis);

    place.shell(mount).attempt("echo x > user").requireFailure("File exists");
    // Which error it was, mv says only at times: of one that there is no file for it looks at
    // memory
    // that it has not set.
    place.shell(mount).attempt("echo x > y; mv y user").requireFailure("mv: cannot");

    assertThat(redis.keyspace())
        .isEqualTo(Keyspace.empty().field("user", "name", "Ann").string("y", "x\n"));
  }

  @Test
  void collectionsCannotBeWritten() {
    Redis redis = place.redis();
    redis.with(NewFilesIT::addCollections);
    Keyspace before = redis.keyspace();
    Mount mount = place.mount(redis);
    Shell shell = place.shell(mount);
    place.shell().run("echo other > other");

    for (String name : new String[] {"list", "set", "scores", "events"}) {
      for (String attempt :
          new String[] {
            "echo x > %s",
            "echo x >> %s",
            "truncate -s 0 %s",
            "truncate -s 1000 %s",
            "printf x | dd of=%s conv=notrunc status=none",
            "cp ../other %s",
          }) {
        shell.attempt(attempt.formatted(name)).requireFailure("Permission denied");
      }
      shell.attempt("exec 3<> " + name).requireFailure("Permission denied");
    }
    assertThat(redis.keyspace()).isEqualTo(before);
    assertThat(shell.run("ls")).isEqualTo("events\nlist\nscores\nset\n");
  }

  @Test
  void collectionsCannotBeRenamedOver() {
    Redis redis = place.redis();
    redis.with(NewFilesIT::addCollections);
    redis.with(client -> client.set("string", "text"));
    redis.with(client -> client.hset("hash", "field", "text"));
    Keyspace before = redis.keyspace();
    Mount mount = place.mount(redis);
    Shell shell = place.shell(mount);

    for (String name : new String[] {"list", "set", "scores", "events"}) {
      shell.attempt("mv -f string " + name).requireFailure("Permission denied");
      shell.attempt("mv -f hash.field " + name).requireFailure("Permission denied");
      shell.attempt("sed -i s/e/x/ " + name).requireFailure("Permission denied");
    }

    // What sed could not rename is its own to remove.
    shell.run("rm -f sed??????");
    assertThat(redis.keyspace()).isEqualTo(before);
  }

  @Test
  void collectionsCanBeRenamedCopiedAndRemoved() {
    Redis redis = place.redis();
    redis.with(client -> client.rpush("list", "a", "b"));
    Mount mount = place.mount(redis);

    place.shell(mount).run("mv list queue; cp queue copy");

    assertThat(redis.keyspace())
        .isEqualTo(Keyspace.empty().list("queue", "a", "b").string("copy", "a\nb\n"));
    place.shell(mount).run("rm queue");
    assertThat(redis.keyspace()).isEqualTo(Keyspace.empty().string("copy", "a\nb\n"));
  }

  @Test
  void withNewFilesStringsEverythingIsAString() {
    Redis redis = place.redis();
    redis.with(client -> client.hset("hash", "field", "text"));
    Mount mount = place.mount(redis, "--new-files", "strings");

    place.shell(mount).run("echo 1 > page.title; echo 2 > page; echo 3 > a.b.c; echo 4 > hash.new");
    place.shell(mount).run("echo 5 > hash.field");

    assertThat(redis.keyspace())
        .isEqualTo(
            Keyspace.empty()
                .string("page.title", "1\n")
                .string("page", "2\n")
                .string("a.b.c", "3\n")
                .string("hash.new", "4\n")
                .field("hash", "field", "5\n"));
  }

  private static void addCollections(Jedis client) {
    client.rpush("list", "a", "b");
    client.sadd("set", "a", "b");
    client.zadd("scores", 1, "a");
    client.xadd("events", new XAddParams(), Map.of("a", "b"));
  }
}
