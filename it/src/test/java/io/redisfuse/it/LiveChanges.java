package io.redisfuse.it;

import static io.redisfuse.it.LiveChange.DIRECTORY;
import static io.redisfuse.it.LiveChange.commands;
import static io.redisfuse.it.LiveChange.files;

import io.redisfuse.it.LiveChange.Step;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import redis.clients.jedis.params.RestoreParams;

/** The kinds of changes that a mount must follow. */
final class LiveChanges {

  private static final Step NOTHING = (client, prefix) -> {};
  private static final Map<String, String> EMPTY = Map.of();

  private LiveChanges() {}

  static Stream<LiveChange> all() {
    return Stream.of(strings(), hashes(), moves(), collections(), kinds(), scripts(), databases())
        .flatMap(List::stream);
  }

  private static List<LiveChange> strings() {
    Step x = commands("SET $x old");
    Map<String, String> old = files("x", "old");
    return List.of(
        LiveChange.of("SET of a new name", NOTHING, commands("SET $x v"), EMPTY, files("x", "v")),
        LiveChange.of("SET, longer", x, commands("SET $x longer"), old, files("x", "longer")),
        LiveChange.of("SET, as long", x, commands("SET $x new"), old, files("x", "new")),
        LiveChange.of("SET, empty", x, (c, p) -> c.set(p + "x", ""), old, files("x", "")),
        LiveChange.of("GETSET", x, commands("GETSET $x longer"), old, files("x", "longer")),
        LiveChange.of("MSET", x, commands("MSET $x 1 $y 2"), old, files("x", "1", "y", "2")),
        LiveChange.of(
            "INCR", commands("SET $x 9"), commands("INCR $x"), files("x", "9"), files("x", "10")),
        LiveChange.of("APPEND", x, commands("APPEND $x er"), old, files("x", "older")),
        LiveChange.of(
            "APPEND to a new name", NOTHING, commands("APPEND $x v"), EMPTY, files("x", "v")),
        LiveChange.of("SETRANGE", x, commands("SETRANGE $x 1 ink"), old, files("x", "oink")),
        LiveChange.of("DEL", x, commands("DEL $x"), old, EMPTY),
        LiveChange.of("UNLINK", x, commands("UNLINK $x"), old, EMPTY),
        LiveChange.of("GETDEL", x, commands("GETDEL $x"), old, EMPTY),
        LiveChange.of("PEXPIREAT in the past", x, commands("PEXPIREAT $x 1"), old, EMPTY),
        LiveChange.of("PEXPIRE", x, commands("PEXPIRE $x 100"), old, EMPTY)
            .late(Duration.ofMillis(100)),
        LiveChange.of("EXPIRE", x, commands("EXPIRE $x 1"), old, EMPTY).late(Duration.ofSeconds(1)),
        LiveChange.of(
                "PEXPIRE of a hash",
                commands("HSET $h f 1"),
                commands("PEXPIRE $h 100"),
                files("h.f", "1"),
                EMPTY)
            .late(Duration.ofMillis(100)));
  }

  private static List<LiveChange> hashes() {
    Step h = commands("HSET $h f 1");
    Map<String, String> one = files("h.f", "1");
    return List.of(
        LiveChange.of("HSET of a new hash", NOTHING, h, EMPTY, one),
        LiveChange.of(
            "HSET of a new field", h, commands("HSET $h g 2"), one, files("h.f", "1", "h.g", "2")),
        LiveChange.of("HSET, longer", h, commands("HSET $h f longer"), one, files("h.f", "longer")),
        LiveChange.of("HSET, as long", h, commands("HSET $h f 2"), one, files("h.f", "2")),
        LiveChange.of("HINCRBY", h, commands("HINCRBY $h f 9"), one, files("h.f", "10")),
        LiveChange.of(
            "HDEL of a field",
            commands("HSET $h f 1 g 2"),
            commands("HDEL $h g"),
            files("h.f", "1", "h.g", "2"),
            one),
        LiveChange.of("HDEL of the last field", h, commands("HDEL $h f"), one, EMPTY),
        LiveChange.of("DEL of a hash", h, commands("DEL $h"), one, EMPTY));
  }

  private static List<LiveChange> moves() {
    Step x = commands("SET $x old");
    Map<String, String> old = files("x", "old");
    return List.of(
        LiveChange.of("RENAME", x, commands("RENAME $x $y"), old, files("y", "old")),
        LiveChange.of(
            "RENAME over another",
            commands("SET $x old", "SET $y other"),
            commands("RENAME $x $y"),
            files("x", "old", "y", "other"),
            files("y", "old")),
        LiveChange.of(
            "RENAME of a hash",
            commands("HSET $h f 1"),
            commands("RENAME $h $i"),
            files("h.f", "1"),
            files("i.f", "1")),
        LiveChange.of(
            "RENAME into a new directory",
            x,
            commands("RENAME $x $d:x"),
            old,
            files("d", DIRECTORY, "d/x", "old")),
        LiveChange.of("COPY", x, commands("COPY $x $y"), old, files("x", "old", "y", "old")),
        LiveChange.of(
            "COPY over another",
            commands("SET $x old", "SET $y other"),
            commands("COPY $x $y REPLACE"),
            files("x", "old", "y", "other"),
            files("x", "old", "y", "old")),
        LiveChange.of("MOVE out of the database", x, commands("MOVE $x 1"), old, EMPTY),
        LiveChange.of(
            "MOVE into the database",
            commands("SELECT 1", "SET $x old", "SELECT 0"),
            commands("SELECT 1", "MOVE $x 0", "SELECT 0"),
            EMPTY,
            old),
        LiveChange.of(
            "RESTORE of a new name",
            commands("SET $x old"),
            (client, prefix) -> client.restore(prefix + "y", 0, client.dump(prefix + "x")),
            old,
            files("x", "old", "y", "old")),
        LiveChange.of(
            "RESTORE over another type",
            commands("SET $x old", "HSET $h f 1"),
            (client, prefix) ->
                client.restore(
                    prefix + "h",
                    0,
                    client.dump(prefix + "x"),
                    RestoreParams.restoreParams().replace()),
            files("x", "old", "h.f", "1"),
            files("x", "old", "h", "old")));
  }

  private static List<LiveChange> collections() {
    return List.of(
        LiveChange.of(
            "RPUSH of a new list", NOTHING, commands("RPUSH $l a b"), EMPTY, files("l", "a\nb\n")),
        LiveChange.of(
            "RPUSH",
            commands("RPUSH $l a"),
            commands("RPUSH $l b"),
            files("l", "a\n"),
            files("l", "a\nb\n")),
        LiveChange.of(
            "LPOP of the last element",
            commands("RPUSH $l a"),
            commands("LPOP $l"),
            files("l", "a\n"),
            EMPTY),
        LiveChange.of(
            "SADD of a new set", NOTHING, commands("SADD $s b a"), EMPTY, files("s", "a\nb\n")),
        LiveChange.of(
            "SADD",
            commands("SADD $s a"),
            commands("SADD $s b"),
            files("s", "a\n"),
            files("s", "a\nb\n")),
        LiveChange.of(
            "ZADD of a new sorted set",
            NOTHING,
            commands("ZADD $z 1 a"),
            EMPTY,
            files("z", "1\ta\n")),
        LiveChange.of(
            "ZADD",
            commands("ZADD $z 1 a"),
            commands("ZADD $z 2 a"),
            files("z", "1\ta\n"),
            files("z", "2\ta\n")),
        LiveChange.of(
            "XADD of a new stream",
            NOTHING,
            commands("XADD $e 1-1 f v"),
            EMPTY,
            files("e", "1-1\tf=v\n")),
        LiveChange.of(
            "XADD",
            commands("XADD $e 1-1 f v"),
            commands("XADD $e 1-2 g w"),
            files("e", "1-1\tf=v\n"),
            files("e", "1-1\tf=v\n1-2\tg=w\n")));
  }

  private static List<LiveChange> kinds() {
    return List.of(
        LiveChange.of(
            "a string becomes a hash",
            commands("SET $x old"),
            commands("MULTI", "DEL $x", "HSET $x f 1", "EXEC"),
            files("x", "old"),
            files("x.f", "1")),
        LiveChange.of(
            "a hash becomes a list",
            commands("HSET $x f 1"),
            commands("MULTI", "DEL $x", "RPUSH $x a", "EXEC"),
            files("x.f", "1"),
            files("x", "a\n")),
        LiveChange.of(
            "a list becomes a string",
            commands("RPUSH $x a"),
            commands("SET $x new"),
            files("x", "a\n"),
            files("x", "new")),
        LiveChange.of(
            "a set becomes a list",
            commands("SADD $x a"),
            commands("MULTI", "DEL $x", "RPUSH $x b b", "EXEC"),
            files("x", "a\n"),
            files("x", "b\nb\n")),
        LiveChange.of(
            "a key becomes a directory, too",
            commands("SET $a v"),
            commands("SET $a:b w"),
            files("a", "v"),
            files("a", DIRECTORY, "a/%value", "v", "a/b", "w")),
        LiveChange.of(
            "a directory's last key goes, its own stays",
            commands("SET $a v", "SET $a:b w"),
            commands("DEL $a:b"),
            files("a", DIRECTORY, "a/%value", "v", "a/b", "w"),
            files("a", "v")),
        LiveChange.of(
            "a directory's own key goes, others stay",
            commands("SET $a v", "SET $a:b w"),
            commands("DEL $a"),
            files("a", DIRECTORY, "a/%value", "v", "a/b", "w"),
            files("a", DIRECTORY, "a/b", "w")),
        LiveChange.of(
            "a directory comes to be",
            NOTHING,
            commands("SET $a:b w"),
            EMPTY,
            files("a", DIRECTORY, "a/b", "w")),
        LiveChange.of(
            "a directory's last key goes",
            commands("SET $a:b w"),
            commands("DEL $a:b"),
            files("a", DIRECTORY, "a/b", "w"),
            EMPTY));
  }

  private static List<LiveChange> scripts() {
    return List.of(
        LiveChange.of(
            "EVAL",
            commands("SET $x old"),
            (client, prefix) ->
                client.eval(
                    "redis.call('DEL', KEYS[1]) redis.call('HSET', KEYS[2], 'f', '1')",
                    List.of(prefix + "x", prefix + "h"),
                    List.of()),
            files("x", "old"),
            files("h.f", "1")),
        LiveChange.of(
            "MULTI and EXEC",
            commands("SET $x old"),
            commands("MULTI", "SET $x longer", "SET $y new", "HSET $h f 1", "EXEC"),
            files("x", "old"),
            files("x", "longer", "y", "new", "h.f", "1")));
  }

  /** These empty or replace the whole database. */
  private static List<LiveChange> databases() {
    Map<String, String> all = files("keep", "kept", "x", "old");
    Step x = commands("SET $x old");
    return List.of(
        LiveChange.of("FLUSHDB", x, commands("FLUSHDB"), all, EMPTY),
        LiveChange.of("FLUSHALL", x, commands("FLUSHALL"), all, EMPTY),
        LiveChange.of(
                "SWAPDB",
                commands("SET $x old", "SELECT 1", "SET $y other", "SELECT 0"),
                commands("SWAPDB 0 1"),
                all,
                files("y", "other"))
            .late(Duration.ofMillis(100)));
  }
}
