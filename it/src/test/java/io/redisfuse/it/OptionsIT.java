package io.redisfuse.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What the command line can ask for. */
class OptionsIT {

  private static final Duration SOON = Duration.ofSeconds(5);

  @RegisterExtension final Workplace place = new Workplace();

  @Test
  void aPrefixIsMountedAlone() {
    Redis redis = place.redis();
    redis.with(
        client -> client.mset("app:name", "x", "app:user:1", "Ann", "other", "y", "app", "z"));
    Shell shell = place.shell(place.mount(redis, "--prefix", "app:"));

    assertThat(shell.run("find . -mindepth 1 | LC_ALL=C sort"))
        .isEqualTo("./name\n./user\n./user/1\n");
    shell.run("echo new > new; mkdir d; echo f > d/h.f; rm name; mv user people");
    assertThat(redis.keyspace())
        .isEqualTo(
            Keyspace.empty()
                .string("app", "z")
                .string("other", "y")
                .string("app:new", "new\n")
                .markers("app:d:")
                // What mv copies, it makes.
                .markers(Redis.isCluster() ? new String[] {"app:people:"} : new String[0])
                .field("app:d:h", "f", "f\n")
                .string("app:people:1", "Ann"));

    redis.with(client -> client.mset("app:late", "1", "elsewhere", "2"));
    await()
        .atMost(SOON)
        .untilAsserted(() -> assertThat(shell.run("ls")).isEqualTo("d\nlate\nnew\npeople\n"));
  }

  @Test
  void aPrefixNeedNotEndInTheDelimiter() {
    Redis redis = place.redis();
    redis.with(client -> client.mset("user1", "a", "user2:x", "b", "use", "c"));
    Shell shell = place.shell(place.mount(redis, "--prefix", "user"));

    assertThat(shell.run("find . -mindepth 1 | LC_ALL=C sort")).isEqualTo("./1\n./2\n./2/x\n");
    shell.run("echo d > 3");
    assertThat(redis.get("user3")).isEqualTo("d\n");
  }

  @Test
  void anotherDelimiterSeparatesDirectories() {
    Redis redis = place.redis();
    redis.with(client -> client.mset("a/b", "1", "a:b", "2"));
    Shell shell = place.shell(place.mount(redis, "--delimiter", "/"));

    assertThat(shell.run("find . -mindepth 1 | LC_ALL=C sort")).isEqualTo("./a\n./a/b\n./a:b\n");
    shell.run("mkdir c; echo 3 > c/d; echo 4 > x:y; echo 5 > c/x:y.z");
    assertThat(redis.keyspace())
        .isEqualTo(
            Keyspace.empty()
                .string("a/b", "1")
                .string("a:b", "2")
                .markers("c/")
                .string("c/d", "3\n")
                .string("x:y", "4\n")
                .field("c/x:y", "z", "5\n"));
  }

  @Test
  void aDelimiterMayBeLongerThanOneCharacter() {
    Redis redis = place.redis();
    redis.with(client -> client.mset("a::b", "1", "c:d", "2"));
    Shell shell = place.shell(place.mount(redis, "--delimiter", "::"));

    assertThat(shell.run("find . -mindepth 1 | LC_ALL=C sort")).isEqualTo("./a\n./a/b\n./c:d\n");
    shell.run("mkdir e; echo f > e/f");
    assertThat(redis.get("e::f")).isEqualTo("f\n");
  }

  @Test
  void aReadOnlyMountRefusesEveryWrite() {
    Redis redis = place.redis();
    redis.with(client -> client.mset("a", "text", "d:b", "text"));
    redis.with(client -> client.hset("h", "f", "text"));
    Keyspace before = redis.keyspace();
    Shell shell = place.shell(place.mount(redis, "--read-only"));

    assertThat(shell.run("cat a d/b h.f; ls")).isEqualTo("texttexttexta\nd\nh.f\n");
    for (String attempt :
        List.of(
            "echo x > a",
            "echo x >> h.f",
            "echo x > new",
            "truncate -s 0 a",
            "rm -f a",
            "mv a c",
            "mv d e",
            "mkdir new",
            "rmdir d",
            "chmod 600 a",
            "touch a")) {
      shell.attempt(attempt).requireFailure("Read-only file system");
    }
    assertThat(redis.keyspace()).isEqualTo(before);

    redis.with(client -> client.set("a", "still live"));
    await().untilAsserted(() -> assertThat(shell.run("cat a")).isEqualTo("still live"));
  }

  @Test
  void onConflictOverwriteLetsTheLastSaveWin() {
    Redis redis = place.redis();
    redis.with(client -> client.set("note", "first"));
    Shell shell = place.shell(place.mount(redis, "--on-conflict", "overwrite"));

    shell.run(
        "read x < note || true; redis-cli -c -p "
            + redis.port()
            + " set note rival > ../log; echo mine > note; ls -A");

    assertThat(redis.get("note")).isEqualTo("mine\n");
    assertThat(shell.run("ls -A; ls ../home/state 2> ../log || true")).isEqualTo("note\n");
  }

  @Test
  void moreNamesCanBeKeptOnThisMachineAndNoneAtAll() {
    Redis redis = place.redis();
    Mount more = place.mount(redis, "--scratch", "*.bak,tmp[0-9]");
    place.shell(more).run("echo 1 > f.bak; echo 2 > tmp1; echo 3 > f~; echo 4 > tmp");
    assertThat(place.shell(more).run("cat f.bak tmp1 f~ tmp")).isEqualTo("1\n2\n3\n4\n");
    assertThat(redis.keyspace()).isEqualTo(Keyspace.empty().string("tmp", "4\n"));

    Mount none = place.mount(redis, "--no-default-scratch", "--scratch", "*.bak");
    assertThat(place.shell(none).run("ls; echo 5 > f~; echo 6 > f.bak")).isEqualTo("tmp\n");
    assertThat(redis.keyspace())
        .isEqualTo(Keyspace.empty().string("tmp", "4\n").string("f~", "5\n"));
  }

  @Test
  void theUriNamesTheDatabase() {
    assumeThat(Redis.isCluster()).as("a cluster has one database").isFalse();
    Redis redis = place.redis();
    redis.with(client -> client.set("zero", "0"));
    Mount mount = place.mountUri(redis.uri().replaceFirst("/0$", "/3"));

    place.shell(mount).run("test -z \"$(ls)\"; echo 3 > three");

    assertThat(redis.keyspace()).isEqualTo(Keyspace.empty().string("zero", "0"));
    redis.with(
        client -> {
          client.select(3);
          assertThat(client.get("three")).isEqualTo("3\n");
        });
  }
}
