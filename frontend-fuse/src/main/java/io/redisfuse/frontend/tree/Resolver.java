package io.redisfuse.frontend.tree;

import io.redisfuse.api.Backend;
import io.redisfuse.api.Bytes;
import io.redisfuse.api.Cell;
import io.redisfuse.api.CellStatus;
import io.redisfuse.api.Type;
import io.redisfuse.frontend.names.Keyspace;
import io.redisfuse.frontend.tree.Inquiry.Question;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.BiFunction;

/** Asks the store about unresolved keys, many in a round trip, and tells the trie. */
final class Resolver {

  /** Keys of one call of the store, as the SPI counts a round trip. */
  private static final int TRIP = 1_000;

  private final Backend backend;
  private final Keyspace keyspace;
  private final GuardedTrie guarded;

  Resolver(Backend backend, Keyspace keyspace, GuardedTrie guarded) {
    this.backend = backend;
    this.keyspace = keyspace;
    this.guarded = guarded;
  }

  /** Looks at the trie, and asks what the look wants to know, until it has no more questions. */
  <T> T resolve(BiFunction<Trie, Inquiry, T> look) {
    Inquiry inquiry = new Inquiry();
    while (true) {
      T seen = guarded.look(trie -> look.apply(trie, inquiry));
      List<Question> questions = inquiry.takeQuestions();
      if (questions.isEmpty()) {
        return seen;
      }
      ask(questions, inquiry);
    }
  }

  /** Finds out of up to {@code most} keys whether they exist that were only told of. */
  void settle(int most) {
    Inquiry inquiry = new Inquiry();
    guarded.look(
        trie -> {
          trie.walk(
              trie.root(),
              Trie::hasUnresolved,
              node -> {
                if (Trie.isRumour(node)) {
                  inquiry.at(trie, node);
                }
                return inquiry.questions() < most;
              });
          return most;
        });
    ask(inquiry.takeQuestions(), inquiry);
  }

  /** What is at the key, asked now. */
  Finding find(Bytes key) {
    return find(List.of(key)).get(key);
  }

  private void ask(List<Question> questions, Inquiry inquiry) {
    for (int start = 0; start < questions.size(); start += TRIP) {
      List<Question> trip = questions.subList(start, Math.min(start + TRIP, questions.size()));
      Map<Bytes, Finding> findings = find(trip.stream().map(Question::key).toList());
      guarded.look(
          trie -> {
            for (Question question : trip) {
              Finding found = findings.get(question.key());
              inquiry.answer(question, found);
              trie.resolve(question.node(), question.changed(), question.epoch(), found);
            }
            return trip;
          });
    }
  }

  private Map<Bytes, Finding> find(List<Bytes> keys) {
    Map<Cell, CellStatus> statuses = backend.describe(keys.stream().map(Cell::string).toList());
    Map<Bytes, Finding> findings = new HashMap<>();
    for (Bytes key : keys) {
      findings.put(
          key,
          Optional.ofNullable(statuses.get(Cell.string(key)))
              .map(status -> finding(key, status))
              .orElse(Finding.ABSENT));
    }
    return findings;
  }

  private Finding finding(Bytes key, CellStatus status) {
    boolean emptyString = status.type() == Type.STRING && status.size().equals(OptionalLong.of(0));
    return emptyString && keyspace.mayBeMarker(key) ? Finding.MARKER : Finding.of(status.type());
  }
}
