package io.redisfuse.it;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.stream.Collectors.joining;

import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import redis.clients.jedis.Jedis;
import redis.clients.jedis.params.ScanParams;
import redis.clients.jedis.resps.ScanResult;

/**
 * Compares the whole tree of a mount with the whole of database 0: names, kinds, sizes, contents.
 * Knows by itself how plain keys are named, whose segments and fields are of {@code [a-z0-9]}: it
 * uses nothing of what it checks. Elements are plain text as well, scores whole numbers, and an
 * entry of a stream has one field.
 */
final class TreeChecker {

  private static final Duration BOUND = Duration.ofSeconds(20);
  private static final int MOST_DIFFERENCES = 30;

  private final Mount mount;
  private final Redis redis;

  TreeChecker(Mount mount, Redis redis) {
    this.mount = mount;
    this.redis = redis;
  }

  /** What one path is. */
  private record Entry(String kind, long size, String content) {

    static final Entry DIRECTORY = new Entry("directory", 0, "");

    static Entry file(String content) {
      return new Entry("file", content.getBytes(UTF_8).length, content);
    }

    @Override
    public String toString() {
      return kind.equals("directory")
          ? kind
          : "%s of %d bytes <%s>".formatted(kind, size, content.replace("\n", "\\n"));
    }
  }

  /**
   * Waits until the mount is what the database is, which nobody may change meanwhile; returns how
   * long that took.
   *
   * @throws AssertionError if it is not for a while; it lists the differences
   */
  Duration requireEqual(String when) {
    long start = System.nanoTime();
    while (true) {
      List<String> differences = differences();
      Duration passed = Duration.ofNanos(System.nanoTime() - start);
      if (differences.isEmpty()) {
        return passed;
      }
      if (passed.compareTo(BOUND) > 0) {
        throw new AssertionError(
            differences.stream()
                .limit(MOST_DIFFERENCES)
                .collect(
                    joining(
                        "\n  ",
                        differences.size() + " differences " + when + ":\n  ",
                        "\n" + mount.daemon())));
      }
    }
  }

  /** In which paths the mount differs now, a line each. */
  List<String> differences() {
    SortedMap<String, Entry> expected = expected();
    SortedMap<String, Entry> seen = new TreeMap<>();
    List<String> differences = new ArrayList<>();
    walk(mount.path(), "", seen, differences);
    Set<String> paths = new TreeSet<>(expected.keySet());
    paths.addAll(seen.keySet());
    for (String path : paths) {
      if (!expected.containsKey(path)) {
        differences.add(path + " is " + seen.get(path) + " and should not be there");
      } else if (!seen.containsKey(path)) {
        differences.add(path + " is missing, " + expected.get(path));
      } else if (!seen.get(path).equals(expected.get(path))) {
        differences.add(path + " is " + seen.get(path) + " instead of " + expected.get(path));
      }
    }
    return differences;
  }

  private static void walk(
      Path directory, String prefix, Map<String, Entry> seen, List<String> differences) {
    List<Path> children = new ArrayList<>();
    try (DirectoryStream<Path> entries = Files.newDirectoryStream(directory)) {
      entries.forEach(children::add);
    } catch (IOException | DirectoryIteratorException e) {
      differences.add("/" + prefix + " cannot be listed: " + e);
    }
    for (Path child : children) {
      String path = prefix + child.getFileName();
      try {
        BasicFileAttributes attributes = Files.readAttributes(child, BasicFileAttributes.class);
        Entry entry =
            attributes.isDirectory()
                ? Entry.DIRECTORY
                : new Entry("file", attributes.size(), Files.readString(child));
        if (seen.put(path, entry) != null) {
          differences.add(path + " is listed twice");
        }
        if (attributes.isDirectory()) {
          walk(child, path + "/", seen, differences);
        }
      } catch (NoSuchFileException e) {
        differences.add(path + " is listed and does not exist");
      } catch (IOException e) {
        differences.add(path + " cannot be read: " + e);
      }
    }
  }

  private SortedMap<String, Entry> expected() {
    SortedMap<String, Entry> entries = new TreeMap<>();
    try (Jedis client = redis.client()) {
      Set<String> keys = keys(client);
      Set<String> directories = new TreeSet<>();
      for (String key : keys) {
        for (int colon = key.indexOf(':'); colon >= 0; colon = key.indexOf(':', colon + 1)) {
          directories.add(key.substring(0, colon));
        }
      }
      directories.forEach(directory -> entries.put(path(directory), Entry.DIRECTORY));
      for (String key : keys) {
        if (client.type(key).equals("hash")) {
          client
              .hgetAll(key)
              .forEach((field, value) -> entries.put(path(key) + "." + field, Entry.file(value)));
        } else {
          String name = directories.contains(key) ? path(key) + "/%value" : path(key);
          entries.put(name, Entry.file(text(client, key)));
        }
      }
    }
    return entries;
  }

  private static String path(String key) {
    return key.replace(':', '/');
  }

  private static Set<String> keys(Jedis client) {
    Set<String> keys = new TreeSet<>();
    String cursor = ScanParams.SCAN_POINTER_START;
    do {
      ScanResult<String> page = client.scan(cursor, new ScanParams().count(1000));
      page.getResult().stream().filter(key -> !key.startsWith(Redis.MARKS)).forEach(keys::add);
      cursor = page.getCursor();
    } while (!cursor.equals(ScanParams.SCAN_POINTER_START));
    return keys;
  }

  private static String text(Jedis client, String key) {
    return switch (client.type(key)) {
      case "string" -> client.get(key);
      case "list" -> lines(client.lrange(key, 0, -1));
      case "set" -> lines(new TreeSet<>(client.smembers(key)));
      case "zset" ->
          lines(
              client.zrangeWithScores(key, 0, -1).stream()
                  .map(tuple -> (long) tuple.getScore() + "\t" + tuple.getElement())
                  .toList());
      case "stream" ->
          lines(
              client.xrange(key, "-", "+").stream()
                  .map(
                      entry ->
                          entry.getID()
                              + "\t"
                              + entry.getFields().entrySet().stream()
                                  .map(field -> field.getKey() + "=" + field.getValue())
                                  .collect(joining("\t")))
                  .toList());
      // It went meanwhile, which is a difference that the next look does not find.
      default -> "";
    };
  }

  private static String lines(Iterable<String> elements) {
    StringBuilder text = new StringBuilder();
    elements.forEach(element -> text.append(element).append('\n'));
    return text.toString();
  }
}
