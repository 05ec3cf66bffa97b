package io.redisfuse.frontend.tree;

import static org.assertj.core.api.Assertions.assertThat;

import io.redisfuse.api.Bytes;
import io.redisfuse.api.Type;
import io.redisfuse.frontend.names.Keyspace;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;

/** What the tests of the index have in common: a scripted store and an index that follows it. */
abstract class IndexTest {

  static final Duration LONG = Duration.ofSeconds(30);

  final ScriptedBackend store = new ScriptedBackend();
  LiveIndex index = index(LONG);

  LiveIndex index(Duration timeLimit) {
    return new LiveIndex(
        store,
        new Keyspace(Bytes.EMPTY, Bytes.utf8(":")),
        timeLimit,
        Duration.ofMillis(1),
        100_000);
  }

  @AfterEach
  void close() {
    index.close();
  }

  /** Starts the index and waits until it is complete; what it asked until then is not counted. */
  void follow() throws InterruptedException {
    index.start();
    assertThat(index.awaitComplete(LONG)).isTrue();
    store.trips.clear();
  }

  /** A reset, and all that follows from it. */
  void reset() throws InterruptedException {
    store.listener.reset();
    assertThat(index.awaitComplete(LONG)).isTrue();
  }

  static Bytes b(String text) {
    return Bytes.utf8(text);
  }

  /** A listing as text: {@code name=STRING}, {@code name/}, or {@code name/=STRING} for both. */
  List<String> list(String stem) {
    return asText(index.list(b(stem)));
  }

  static List<String> asText(List<Child> children) {
    Map<Bytes, String> lines = new TreeMap<>();
    for (Child child : children) {
      lines.put(
          child.segment(),
          child.segment().toUtf8()
              + (child.directory() ? "/" : "")
              + child.key().map(type -> "=" + type).orElse(""));
    }
    assertThat(lines).hasSameSizeAs(children);
    return List.copyOf(lines.values());
  }

  boolean exists(String stem) {
    return index.directoryExists(b(stem));
  }

  Optional<Type> ownValue(String stem) {
    return index.ownValue(b(stem));
  }

  List<String> below(String stem, int limit) {
    return index.keysBelow(b(stem), limit).stream().sorted().map(Bytes::toUtf8).toList();
  }
}
