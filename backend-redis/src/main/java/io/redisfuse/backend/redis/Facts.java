package io.redisfuse.backend.redis;

import io.redisfuse.api.Bytes;
import io.redisfuse.api.Cell;
import io.redisfuse.api.Type;
import io.redisfuse.api.Version;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import redis.clients.jedis.CommandArguments;

/**
 * What has been learned of the server's keys for one round of a commit.
 *
 * <p>Who asks for what is not known yet gets the answer that he hopes for, and the question is
 * noted for {@link #learn}. So the first, hopeful pass over a transaction notes all that it will
 * need when all goes well, and one round trip fetches it.
 *
 * <p>Not safe for threads.
 */
final class Facts {

  private final Scripts scripts;
  private final LargeCells large;
  private final Map<Fact<?>, Object> known = new LinkedHashMap<>();
  private final Set<Fact<?>> wanted = new LinkedHashSet<>();
  private boolean transferred;

  Facts(Scripts scripts, LargeCells large) {
    this.scripts = scripts;
    this.large = large;
  }

  /** The type of a key; empty if it does not exist. */
  Optional<Type> type(Bytes key, Type hoped) {
    return KeyTypes.ofWord(get(new Fact.TypeOf(key), KeyTypes.wordFor(hoped)));
  }

  boolean fits(Bytes key, long bytes) {
    return get(new Fact.Fits(key, bytes), /* hoped= */ true);
  }

  long fieldCount(Bytes key) {
    return get(new Fact.FieldCount(key), /* hoped= */ Long.MAX_VALUE);
  }

  boolean isPresent(Cell.FieldCell cell) {
    return known(cell)
        .map(observation -> !observation.version().isAbsent())
        .orElseGet(() -> get(new Fact.Presence(cell.key(), cell.field()), /* hoped= */ true));
  }

  Version version(Cell cell, Version hoped) {
    Optional<Observation> seen = known(cell);
    if (seen.isEmpty() && wanted.contains(new Fact.ContentOf(cell))) {
      return hoped;
    }
    return seen.orElseGet(
            () -> get(new Fact.VersionOf(cell), new Observation(hoped, Optional.empty())))
        .version();
  }

  /** The content of a cell; empty if it does not exist. */
  Optional<Bytes> content(Cell cell) {
    Optional<Observation> seen = known(cell);
    if (seen.isPresent() && (seen.get().version().isAbsent() || seen.get().content().isPresent())) {
      return seen.get().content();
    }
    // The content tells the version too.
    wanted.remove(new Fact.VersionOf(cell));
    return get(new Fact.ContentOf(cell), Observation.of(Bytes.EMPTY)).content();
  }

  /** What a mark holds, if it is there. */
  Optional<Bytes> mark(Bytes key, Bytes hoped) {
    return get(new Fact.MarkAt(key), Observation.of(hoped)).content();
  }

  /** What was seen of a cell, if anything; asks nothing. */
  Optional<Observation> known(Cell cell) {
    Object seen = known.get(new Fact.ContentOf(cell));
    return Optional.ofNullable(
        (Observation) (seen == null ? known.get(new Fact.VersionOf(cell)) : seen));
  }

  /** Whether there are open questions: then what was concluded so far is worth nothing. */
  boolean isIncomplete() {
    return !wanted.isEmpty();
  }

  /**
   * Puts the open questions, after {@code first}, in one round trip.
   *
   * @param first commands whose replies do not count unless they are errors
   */
  void learn(Wire wire, List<CommandArguments> first) {
    List<Fact<?>> asked = new ArrayList<>(wanted);
    List<CommandArguments> questions = new ArrayList<>(first);
    asked.forEach(fact -> questions.add(fact.question(scripts)));
    List<Object> replies = wire.ask(questions);
    replies.subList(0, first.size()).forEach(Fact::requireAnswer);
    for (int i = 0; i < asked.size(); i++) {
      Object reply = replies.get(first.size() + i);
      if (asked.get(i) instanceof Fact.VersionOf of && Observation.isTooLarge(reply)) {
        known.put(of, large.observe(wire, of.cell()));
        transferred = true;
        wanted.remove(of);
      } else {
        record(asked.get(i), reply);
      }
    }
  }

  /** Whether a large cell had to be brought here. */
  boolean hasTransferred() {
    return transferred;
  }

  /** The versions of all cells that were looked at. */
  Map<Cell, Version> versions() {
    Map<Cell, Version> versions = new HashMap<>();
    known.forEach(
        (fact, answer) -> {
          if (fact instanceof Fact.VersionOf of) {
            versions.put(of.cell(), ((Observation) answer).version());
          } else if (fact instanceof Fact.ContentOf of) {
            versions.put(of.cell(), ((Observation) answer).version());
          }
        });
    return versions;
  }

  /** The types of all keys that were looked at. */
  Map<Bytes, Optional<Type>> types() {
    Map<Bytes, Optional<Type>> types = new HashMap<>();
    known.forEach(
        (fact, answer) -> {
          if (fact instanceof Fact.TypeOf of) {
            types.put(of.key(), KeyTypes.ofWord((String) answer));
          }
        });
    return types;
  }

  /** What a script must check to know that all of this still holds, four words for each fact. */
  List<Object> checks() {
    List<Object> checks = new ArrayList<>();
    checks.add(known.size());
    known.forEach((fact, answer) -> checks.addAll(check(fact, answer)));
    return checks;
  }

  @SuppressWarnings("unchecked")
  private static <T> List<Object> check(Fact<T> fact, Object answer) {
    return fact.check((T) answer);
  }

  private <T> void record(Fact<T> fact, Object reply) {
    fact.answer(reply, scripts)
        .ifPresent(
            answer -> {
              known.put(fact, answer);
              wanted.remove(fact);
            });
  }

  @SuppressWarnings("unchecked")
  private <T> T get(Fact<T> fact, T hoped) {
    Object answer = known.get(fact);
    if (answer == null) {
      wanted.add(fact);
      return hoped;
    }
    return (T) answer;
  }
}
