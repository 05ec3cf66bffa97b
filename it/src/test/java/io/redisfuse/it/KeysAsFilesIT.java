package io.redisfuse.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import redis.clients.jedis.params.SetParams;
import redis.clients.jedis.params.XAddParams;

/** Keys that other programs made are the files that they should be. */
class KeysAsFilesIT {

  private static final Duration SOON = Duration.ofSeconds(5);

  @RegisterExtension final Workplace place = new Workplace();

  @Test
  void whatRedisCliMakesIsThere() {
    Redis redis = place.redis();
    String cli = "redis-cli -c -p " + redis.port() + " ";
    place
        .shell()
        .run(
            Stream.of(
                    "set greeting hello",
                    "set .git:info:exclude '*.o'",
                    "hset .git:hooks:post-update sample 'exit 0' other x",
                    "set empty ''",
                    "set app:user:1 Ann",
                    "hset app:user:2 name Bob")
                .map(command -> cli + command + "\n")
                .reduce("", String::concat));
    Mount mount = place.mount(redis);
    Shell shell = place.shell(mount);

    assertThat(shell.run("find . | LC_ALL=C sort"))
        .isEqualTo(
            """
            .
            ./.git
            ./.git/hooks
            ./.git/hooks/post-update.other
            ./.git/hooks/post-update.sample
            ./.git/info
            ./.git/info/exclude
            ./app
            ./app/user
            ./app/user/1
            ./app/user/2.name
            ./empty
            ./greeting
            """);
    assertThat(shell.run("cat greeting .git/info/exclude .git/hooks/post-update.sample empty"))
        .isEqualTo("hello*.oexit 0");
    assertThat(shell.run("stat -c '%F %s %a' greeting app empty .git/hooks/post-update.sample"))
        .isEqualTo(
            """
            regular file 5 644
            directory 0 755
            regular empty file 0 644
            regular file 6 644
            """);
    shell.attempt("cat .git/hooks/post-update").requireFailure("No such file or directory");
    assertThat(shell.run("cat app/user/1; printf ' '; cat app/user/2.name")).isEqualTo("Ann Bob");
  }

  @Test
  void whatRedisCliMakesWhileMountedIsThere() {
    Redis redis = place.redis();
    Mount mount = place.mount(redis);
    Shell shell = place.shell(mount);
    String cli = "redis-cli -c -p " + redis.port() + " ";

    assertThat(shell.run(cli + "set k 1 > ../log; cat k")).isEqualTo("1");
    shell.run(cli + "set k 22 > ../log");
    await().atMost(SOON).untilAsserted(() -> assertThat(shell.run("cat k")).isEqualTo("22"));
    shell.run(cli + "hset a:h f v > ../log");
    await().atMost(SOON).untilAsserted(() -> assertThat(shell.run("ls . a")).contains("h.f"));
    assertThat(shell.run("cat a/h.f")).isEqualTo("v");

    assumeThat(Redis.isCluster()).as("redis-cli changes nothing over slots").isFalse();
    shell.run(cli + "del k a:h > ../log");
    await().atMost(SOON).untilAsserted(() -> assertThat(shell.run("ls")).isEmpty());
    shell.attempt("cat k").requireFailure("No such file or directory");

    shell.run(cli + "mset x:1 a x:2 b > ../log");
    await().atMost(SOON).untilAsserted(() -> assertThat(shell.run("ls x")).isEqualTo("1\n2\n"));
    shell.run(cli + "flushall > ../log");
    await().atMost(SOON).untilAsserted(() -> assertThat(shell.run("ls")).isEmpty());
  }

  @Test
  void aKeyThatExpiresIsGone() {
    Redis redis = place.redis();
    Mount mount = place.mount(redis);
    redis.with(client -> client.set("soon", "x", SetParams.setParams().px(500)));

    await().atMost(SOON).until(() -> place.shell(mount).attempt("cat soon").status() != 0);
    await().atMost(SOON).until(() -> place.shell(mount).run("ls").isEmpty());
  }

  @Test
  void collectionsAreTextToRead() {
    Redis redis = place.redis();
    redis.with(
        client -> {
          client.rpush("list", "one", "two words", "line\nbreak", "tab\there", "back\\slash");
          client.sadd("set", "b", "a", "c");
          client.zadd("scores", Map.of("x", 1.5, "y", -2.0, "z", 1000000.0));
          client.xadd("events", XAddParams.xAddParams().id("1-1"), Map.of("k", "v"));
          client.xadd("events", XAddParams.xAddParams().id("2-5"), Map.of("a", "b c"));
        });
    Mount mount = place.mount(redis);
    Shell shell = place.shell(mount);

    assertThat(shell.run("cat list"))
        .isEqualTo("one\ntwo words\nline\\nbreak\ntab\\there\nback\\\\slash\n");
    assertThat(shell.run("cat set")).isEqualTo("a\nb\nc\n");
    assertThat(shell.run("cat scores")).isEqualTo("-2\ty\n1.5\tx\n1000000\tz\n");
    assertThat(shell.run("cat events")).isEqualTo("1-1\tk=v\n2-5\ta=b c\n");
    assertThat(shell.run("stat -c '%a %s' list set scores events"))
        .isEqualTo("444 48\n444 6\n444 21\n444 18\n");
    assertThat(shell.run("grep -rl two .; wc -l < list")).isEqualTo("./list\n5\n");
  }

  @Test
  void everyOddKeyIsAFileUnderOneName() {
    Redis redis = place.redis();
    Map<String, String> names =
        Map.ofEntries(
            Map.entry("a/b", "a%2Fb"),
            Map.entry(".", "%2E"),
            Map.entry("..", "%2E%2E"),
            Map.entry("", "%"),
            Map.entry("d:", "d/%/%value"),
            Map.entry("e:", "e/%"),
            Map.entry("d::e", "d/%/e"),
            Map.entry("new\nline", "new%0Aline"),
            Map.entry("nul\0", "nul%00"),
            Map.entry("%41", "%41"),
            Map.entry("%2F", "%252F"),
            Map.entry("100%", "100%"),
            Map.entry("with space", "with space"),
            Map.entry("ключ 🔑", "ключ 🔑"),
            Map.entry("-rf", "-rf"),
            Map.entry("*", "*"),
            Map.entry("..x", "..x"),
            Map.entry("x..y", "x..y"),
            Map.entry("v", "v/%value"),
            Map.entry("v:w", "v/w"),
            Map.entry("%value", "%25value"));
    redis.with(client -> names.keySet().forEach(key -> client.set(key, "of <" + key + ">")));
    redis.with(client -> client.set(new byte[] {(byte) 0xff, 'x'}, new byte[] {'b', 'i', 'n'}));
    Mount mount = place.mount(redis);
    Shell shell = place.shell(mount);

    assertThat(shell.run("find . -type f -printf '%P\\n'").lines())
        .containsExactlyInAnyOrderElementsOf(
            Stream.concat(names.values().stream(), Stream.of("%FFx")).toList());
    names.forEach(
        (key, name) ->
            assertThat(shell.run("cat './" + name + "'")).as(name).isEqualTo("of <" + key + ">"));
    assertThat(shell.run("cat %FFx")).isEqualTo("bin");
  }

  @Test
  void cellsWhoseNamesWouldCollideAreAllThere() {
    Redis redis = place.redis();
    redis.with(
        client -> {
          client.set("a.b", "string a.b");
          client.hset("a", "b", "field b of a");
          client.hset("a", "b.c", "field b.c of a");
          client.hset("a.b:", "x", "below a.b");
          client.hset("h.g", "f", "field f of h.g");
          client.hset("h", "g.f", "field g.f of h");
        });
    Mount mount = place.mount(redis);
    Shell shell = place.shell(mount);

    assertThat(
            shell.run(
                "find . -type f -printf '%P\\n' | LC_ALL=C sort"
                    + " | while read -r f; do echo \"$f: $(cat \"$f\")\"; done"))
        .isEqualTo(
            """
            a%2Eb/%.x: below a.b
            a%2Eb/%value: string a.b
            a.b: field b of a
            a.b.c: field b.c of a
            h%2Eg.f: field f of h.g
            h.g.f: field g.f of h
            """);
  }

  @Test
  void aKeyLongerThanANameCanBeReadWrittenAndRemoved() {
    Redis redis = place.redis();
    String key = "k".repeat(300);
    redis.with(client -> client.set(key, "long"));
    redis.with(client -> client.hset("h", "f".repeat(300), "longer"));
    Mount mount = place.mount(redis);
    Shell shell = place.shell(mount);

    List<String> names = shell.run("ls").lines().toList();
    assertThat(names).hasSize(2).allSatisfy(name -> assertThat(name).hasSizeLessThan(256));
    assertThat(shell.run("cat k*; cat h*")).isEqualTo("longlonger");

    shell.run("echo new > k*; echo more >> h*");
    assertThat(redis.keyspace())
        .isEqualTo(
            Keyspace.empty().string(key, "new\n").field("h", "f".repeat(300), "longermore\n"));
    shell.run("rm k* h*");
    assertThat(redis.keyspace()).isEqualTo(Keyspace.empty());
  }

  @Test
  void reservedKeysAreNotShown() {
    Redis redis = place.redis();
    redis.with(client -> client.set(".redisfuse:lock", "x"));
    redis.with(client -> client.set("a", "x"));
    Mount mount = place.mount(redis);
    Shell shell = place.shell(mount);

    assertThat(shell.run("ls -A")).isEqualTo("a\n");
    shell.attempt("cat .redisfuse/lock").requireFailure("No such file or directory");
    shell.attempt("mkdir .redisfuse").requireFailure("File exists");
    shell.attempt("echo x > .redisfuse/lock").requireFailure("Permission denied");
    shell.attempt("mkdir %2Eredisfuse").requireFailure("Operation not permitted");
    shell.run("rm -rf ./* ");
    assertThat(redis.keyspace()).isEqualTo(Keyspace.empty().string(".redisfuse:lock", "x"));
  }
}
