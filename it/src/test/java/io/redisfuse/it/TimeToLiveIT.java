package io.redisfuse.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.extension.RegisterExtension;
import redis.clients.jedis.params.SetParams;

/** A key's TTL survives whatever is done to its file. */
class TimeToLiveIT {

  private static final long SECONDS = 1000;

  /** An edit of a file, and what it makes of the text "one\ntwo\nthree\n". */
  private record Edit(String script, String result) {}

  private static final List<Edit> EDITS =
      List.of(
          new Edit("echo four >> $f", "one\ntwo\nthree\nfour\n"),
          new Edit("echo new > $f", "new\n"),
          new Edit(": > $f", ""),
          new Edit("truncate -s 4 $f", "one\n"),
          new Edit("truncate -s 0 $f", ""),
          new Edit("truncate -s 16 $f", "one\ntwo\nthree\n\0\0"),
          new Edit("sed -i s/two/2/ $f", "one\n2\nthree\n"),
          new Edit("cp ../plain $f", "plain\n"),
          new Edit("printf ONE | dd of=$f conv=notrunc status=none", "ONE\ntwo\nthree\n"),
          new Edit("{ echo a; cat ../plain; } > $f", "a\nplain\n"),
          new Edit("mv ../plain $f", "plain\n"),
          new Edit("perl -pi -e 's/two/2/' $f", "one\n2\nthree\n"),
          new Edit("echo n > new; mv new $f", "n\n"),
          new Edit("echo n > new.x; mv new.x $f", "n\n"),
          new Edit("mv $f away; mv away $f", "one\ntwo\nthree\n"));

  @RegisterExtension final Workplace place = new Workplace();

  @TestFactory
  Stream<DynamicTest> ofAStringItSurvives() {
    Redis redis = place.redis();
    Shell shell = place.shell(place.mount(redis));
    place.shell().run("echo plain > plain");
    return EDITS.stream()
        .map(
            edit ->
                dynamicTest(
                    edit.script(),
                    () -> {
                      redis.with(
                          client ->
                              client.set(
                                  "note", "one\ntwo\nthree\n", SetParams.setParams().ex(SECONDS)));
                      place.shell().run("echo plain > plain");
                      shell.run("f=note; " + edit.script());
                      assertThat(redis.get("note")).isEqualTo(edit.result());
                      requireTtl(redis, "note");
                    }));
  }

  @TestFactory
  Stream<DynamicTest> ofAHashItSurvives() {
    Redis redis = place.redis();
    Shell shell = place.shell(place.mount(redis));
    return EDITS.stream()
        .map(
            edit ->
                dynamicTest(
                    edit.script(),
                    () -> {
                      redis.with(
                          client -> {
                            client.del("note");
                            client.hset("note", "text", "one\ntwo\nthree\n");
                            client.hset("note", "title", "untouched");
                            client.expire("note", SECONDS);
                          });
                      place.shell().run("echo plain > plain");
                      shell.run("f=note.text; " + edit.script());
                      assertThat(redis.get("note", "text")).isEqualTo(edit.result());
                      assertThat(redis.get("note", "title")).isEqualTo("untouched");
                      requireTtl(redis, "note");
                    }));
  }

  @Test
  void itGoesWithARenamedString() {
    Redis redis = place.redis();
    redis.with(client -> client.set("note", "text", SetParams.setParams().ex(SECONDS)));
    redis.with(client -> client.set("d:a", "text", SetParams.setParams().ex(SECONDS)));
    redis.with(client -> client.rpush("list", "a"));
    redis.with(client -> client.expire("list", SECONDS));
    Shell shell = place.shell(place.mount(redis));

    shell.run("mv note letter; mv d e; mv list queue; touch x; mv letter x");

    requireTtl(redis, "x");
    if (!Redis.isCluster()) {
      // There mv copies a directory, and a copy has no TTL.
      requireTtl(redis, "e:a");
    }
    requireTtl(redis, "queue");
  }

  @TestFactory
  Stream<DynamicTest> anEditInVimKeepsIt() {
    Redis redis = place.redis();
    Mount mount = place.mount(redis);
    Terminal terminal = place.terminal(mount.path());
    return Stream.of("auto", "yes", "no")
        .flatMap(
            backupcopy ->
                Stream.of("note", "page.text", "config.json")
                    .map(
                        name ->
                            dynamicTest(
                                name + " with backupcopy=" + backupcopy,
                                () -> editInVim(redis, terminal, name, backupcopy))));
  }

  private static void editInVim(Redis redis, Terminal terminal, String name, String backupcopy) {
    redis.with(
        client -> {
          client.flushAll();
          client.set("note", "first line\nlast line\n", SetParams.setParams().ex(SECONDS));
          client.set("config.json", "first line\nlast line\n", SetParams.setParams().ex(SECONDS));
          client.hset("page", "text", "first line\nlast line\n");
          client.hset("page", "title", "untouched");
          client.expire("page", SECONDS);
        });
    terminal.command(
        "vim -Nu NONE -i NONE --cmd 'set backupskip= backupcopy=" + backupcopy + "' " + name);
    terminal.awaitScreen("^last line$");
    terminal.type("ggonew line");
    terminal.press("Escape");
    terminal.type(":w");
    terminal.enter();
    terminal.awaitScreen("written$");
    terminal.type("ddOnewer line");
    terminal.press("Escape");
    terminal.type(":wq");
    terminal.enter();
    terminal.awaitPrompt();

    String expected = "first line\nnewer line\nlast line\n";
    assertThat(name.equals("page.text") ? redis.get("page", "text") : redis.get(name))
        .isEqualTo(expected);
    requireTtl(redis, "note");
    requireTtl(redis, "config.json");
    requireTtl(redis, "page");
    assertThat(redis.keyspace().keys()).as("nothing that vim left").hasSize(3);
    assertThat(redis.get("page", "title")).isEqualTo("untouched");
  }

  private static void requireTtl(Redis redis, String key) {
    redis.with(
        client ->
            assertThat(client.ttl(key)).as("TTL of %s", key).isBetween(SECONDS - 100, SECONDS));
  }
}
