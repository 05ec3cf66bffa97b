package io.redisfuse.it;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.time.Duration;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.BiConsumer;
import redis.clients.jedis.Jedis;

/**
 * A kind of change by another client, in a directory that has a file {@code keep} besides.
 *
 * @param name what is done
 * @param promptly whether the server tells of it as soon as it has its effect
 * @param effectAfter when it has its effect
 * @param prepare what is done before
 * @param change what is done then
 * @param before what is in the directory before, by name: a file's content, or {@link #DIRECTORY}
 * @param after what is in the directory afterwards
 */
record LiveChange(
    String name,
    boolean promptly,
    Duration effectAfter,
    Step prepare,
    Step change,
    Map<String, String> before,
    Map<String, String> after) {

  /** Stands for a directory among the contents. */
  static final String DIRECTORY = "<directory>";

  /** Something that a client does to the keys that start with a prefix. */
  @FunctionalInterface
  interface Step extends BiConsumer<Jedis, String> {}

  static LiveChange of(
      String name,
      Step prepare,
      Step change,
      Map<String, String> before,
      Map<String, String> after) {
    return new LiveChange(name, true, Duration.ZERO, prepare, change, before, after);
  }

  /** The server tells of it some time after it has its effect, or not at all. */
  LiveChange late(Duration untilEffect) {
    return new LiveChange(name, false, untilEffect, prepare, change, before, after);
  }

  /** Commands, a line each, in which {@code $} stands for the prefix. */
  static Step commands(String... lines) {
    return (client, prefix) -> {
      for (String line : lines) {
        String[] words = line.replace("$", prefix).split(" ", -1);
        client.sendCommand(
            () -> words[0].getBytes(UTF_8), Arrays.copyOfRange(words, 1, words.length));
      }
    };
  }

  /** Names and contents in turn. */
  static Map<String, String> files(String... namesAndContents) {
    Map<String, String> files = new LinkedHashMap<>();
    for (int i = 0; i < namesAndContents.length; i += 2) {
      files.put(namesAndContents[i], namesAndContents[i + 1]);
    }
    return files;
  }

  @Override
  public String toString() {
    return name;
  }
}
