package io.redisfuse.frontend.files;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.redisfuse.api.Bytes;
import io.redisfuse.api.Cell;
import io.redisfuse.api.Change;
import io.redisfuse.api.Transaction;
import io.redisfuse.backend.memory.MemoryBackend;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Every kind of change that somebody else makes in the store is seen by lookup, listing, size and
 * content: in a directory that was listed a moment before, and of names that were looked for in
 * vain.
 */
class OthersChangesTest {

  private static final Duration LONG = Duration.ofSeconds(10);

  /**
   * What another client does.
   *
   * @param after the files of the directory then, with their contents; a directory holds "/"
   */
  record Case(String name, List<Change> changes, Map<String, String> after) {
    @Override
    public String toString() {
      return name;
    }
  }

  @TempDir Path kept;
  private final MemoryBackend store = new MemoryBackend();
  private Workspace fs;

  @BeforeEach
  void start() {
    commit(
        List.of(
            new Change.Put(string("d:a"), Bytes.utf8("one")),
            new Change.Put(string("d:keep"), Bytes.utf8("kept")),
            new Change.Put(field("d:h", "x"), Bytes.utf8("ex")),
            new Change.Put(field("d:h", "y"), Bytes.utf8("why"))));
    fs = new Workspace(store, kept);
  }

  @AfterEach
  void stop() {
    fs.close();
  }

  private void commit(List<Change> changes) {
    Transaction.Builder transaction = Transaction.builder();
    changes.forEach(transaction::change);
    store.commit(transaction.build());
  }

  private static Cell string(String key) {
    return Cell.string(Bytes.utf8(key));
  }

  private static Cell field(String key, String field) {
    return Cell.field(Bytes.utf8(key), Bytes.utf8(field));
  }

  private static Bytes key(String key) {
    return Bytes.utf8(key);
  }

  private static Map<String, String> before() {
    return new TreeMap<>(Map.of("a", "one", "keep", "kept", "h.x", "ex", "h.y", "why"));
  }

  private static Case with(String name, Map<String, String> more, Change... changes) {
    Map<String, String> after = before();
    after.putAll(more);
    return new Case(name, List.of(changes), after);
  }

  private static Case without(String name, List<String> gone, Change... changes) {
    Map<String, String> after = before();
    gone.forEach(after::remove);
    return new Case(name, List.of(changes), after);
  }

  static Stream<Case> cases() {
    return Stream.of(
        with("a new key", Map.of("n", "new"), new Change.Put(string("d:n"), Bytes.utf8("new"))),
        with("a new value", Map.of("a", "three"), put("d:a", "three")),
        with("a new value of the same length", Map.of("a", "two"), put("d:a", "two")),
        with("an empty value", Map.of("a", ""), put("d:a", "")),
        with("a patch", Map.of("a", "oXX"), new Change.Patch(string("d:a"), 1, Bytes.utf8("XX"))),
        with("an append", Map.of("a", "one!"), new Change.Append(string("d:a"), Bytes.utf8("!"))),
        with(
            "a new field",
            Map.of("h.z", "zed"),
            new Change.Put(field("d:h", "z"), Bytes.utf8("zed"))),
        with(
            "a new value of a field",
            Map.of("h.x", "other"),
            new Change.Put(field("d:h", "x"), Bytes.utf8("other"))),
        with(
            "a new hash", Map.of("i.f", "ef"), new Change.Put(field("d:i", "f"), Bytes.utf8("ef"))),
        without("a key that goes", List.of("a"), new Change.Delete(string("d:a"))),
        without("a field that goes", List.of("h.x"), new Change.Delete(field("d:h", "x"))),
        without("a hash that goes", List.of("h.x", "h.y"), new Change.DeleteKey(key("d:h"))),
        without(
            "a key that expires",
            List.of("a"),
            new Change.Expire(key("d:a"), Optional.of(Duration.ofMillis(50)))),
        with("a TTL alone", Map.of(), new Change.Expire(key("d:a"), Optional.of(LONG))),
        new Case(
            "a key that moves",
            List.of(new Change.Move(string("d:a"), string("d:b"))),
            Map.of("b", "one", "keep", "kept", "h.x", "ex", "h.y", "why")),
        new Case(
            "a key that moves over another",
            List.of(new Change.Move(string("d:a"), string("d:keep"))),
            Map.of("keep", "one", "h.x", "ex", "h.y", "why")),
        new Case(
            "a string that becomes a hash",
            List.of(
                new Change.DeleteKey(key("d:a")),
                new Change.Put(field("d:a", "f"), Bytes.utf8("in a hash"))),
            Map.of("a.f", "in a hash", "keep", "kept", "h.x", "ex", "h.y", "why")),
        new Case(
            "a hash that becomes a string",
            List.of(new Change.DeleteKey(key("d:h")), put("d:h", "a string")),
            Map.of("a", "one", "keep", "kept", "h", "a string")),
        new Case(
            "a hash that moves",
            List.of(new Change.MoveKey(key("d:h"), key("d:moved"))),
            Map.of("a", "one", "keep", "kept", "moved.x", "ex", "moved.y", "why")),
        with("a key below", Map.of("sub", "/"), put("d:sub:x", "below")),
        with("a key below a key", Map.of("a", "/"), put("d:a:x", "below")),
        with("a marker", Map.of("empty", "/"), put("d:empty:", "")));
  }

  private static Change put(String key, String content) {
    return new Change.Put(string(key), Bytes.utf8(content));
  }

  @ParameterizedTest
  @MethodSource("cases")
  void isSeen(Case change) {
    Program program = fs.program(1);
    assertThat(look(program, before(), change.after())).isEqualTo(before());
    commit(change.changes());
    await()
        .atMost(LONG)
        // It may go while it is looked at.
        .ignoreExceptionsInstanceOf(FsException.class)
        .untilAsserted(
            () ->
                assertThat(look(program, before(), change.after()))
                    .isEqualTo(new TreeMap<>(change.after())));
    assertThat(fs.list("d")).containsExactlyInAnyOrderElementsOf(change.after().keySet());
  }

  /** What lookup, stat and read say of all names that are there or may be. */
  private Map<String, String> look(
      Program program, Map<String, String> some, Map<String, String> others) {
    Map<String, String> seen = new TreeMap<>();
    List<String> listed = fs.list("d");
    Stream.of(some.keySet(), others.keySet(), listed)
        .flatMap(names -> names.stream())
        .distinct()
        .filter(name -> program.exists("d/" + name))
        .forEach(
            name -> {
              Attributes attributes = program.stat("d/" + name);
              if (attributes.kind() == FileKind.DIRECTORY) {
                seen.put(name, "/");
              } else {
                String content = program.cat("d/" + name);
                assertThat(attributes.size()).isEqualTo(content.length());
                seen.put(name, content);
              }
            });
    return seen;
  }
}
