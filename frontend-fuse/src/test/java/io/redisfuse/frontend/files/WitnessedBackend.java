package io.redisfuse.frontend.files;

import io.redisfuse.api.Backend;
import io.redisfuse.api.Bytes;
import io.redisfuse.api.Cell;
import io.redisfuse.api.CellStatus;
import io.redisfuse.api.ChangeListener;
import io.redisfuse.api.ContentSink;
import io.redisfuse.api.Durability;
import io.redisfuse.api.Element;
import io.redisfuse.api.FieldStatus;
import io.redisfuse.api.KeyVisitor;
import io.redisfuse.api.Range;
import io.redisfuse.api.Subscription;
import io.redisfuse.api.Transaction;
import io.redisfuse.api.Type;
import io.redisfuse.api.Version;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * A backend whose every state is seen by a witness: what a reader of the store may find, whenever
 * he looks. Safe for threads.
 */
final class WitnessedBackend implements Backend {

  private final Backend backend;

  /** What strings (by key) and fields (by {@code key.field}) held after each commit. */
  private final List<Map<String, String>> states = new ArrayList<>();

  /** Runs before the next commit that expects something of {@link #contested}. */
  private Runnable rival = () -> {};

  private Runnable after = () -> {};

  private Cell contested = Cell.string(Bytes.EMPTY);

  WitnessedBackend(Backend backend) {
    this.backend = backend;
  }

  /** Forgets what was seen, and looks now. */
  synchronized void begin() {
    states.clear();
    states.add(look());
  }

  /** Looks now: something may have changed without a commit through this. */
  synchronized void witness() {
    states.add(look());
  }

  /** What a cell has held, one after the other, each once in a row; "(absent)" where it was not. */
  synchronized List<String> historyOf(String cell) {
    List<String> history = new ArrayList<>();
    // What expires does so without a commit.
    witness();
    for (Map<String, String> state : states) {
      String content = state.getOrDefault(cell, "(absent)");
      if (history.isEmpty() || !history.get(history.size() - 1).equals(content)) {
        history.add(content);
      }
    }
    return history;
  }

  /** Every cell that was there at some time. */
  synchronized List<String> cells() {
    return states.stream().flatMap(state -> state.keySet().stream()).distinct().sorted().toList();
  }

  private Map<String, String> look() {
    Map<String, String> state = new TreeMap<>();
    List<Bytes> strings = new ArrayList<>();
    List<Bytes> hashes = new ArrayList<>();
    backend.scan(
        Bytes.EMPTY,
        (key, type) -> {
          if (type == Type.STRING) {
            strings.add(key);
          } else if (type == Type.HASH) {
            hashes.add(key);
          }
          return true;
        });
    for (Bytes key : strings) {
      backend
          .read(Cell.string(key))
          .ifPresent(found -> state.put(key.toUtf8(), found.content().toUtf8()));
    }
    backend.fields(hashes).forEach((key, fields) -> look(state, key, fields));
    return state;
  }

  private void look(Map<String, String> state, Bytes key, List<FieldStatus> fields) {
    for (FieldStatus field : fields) {
      backend
          .read(Cell.field(key, field.field()))
          .ifPresent(
              found ->
                  state.put(key.toUtf8() + "." + field.field().toUtf8(), found.content().toUtf8()));
    }
  }

  /** What a rival does in the last moment before a commit that expects a version of a cell. */
  synchronized void beforeCommitOf(Cell cell, Runnable action) {
    contested = cell;
    rival = action;
  }

  /**
   * What happens elsewhere while the next commit has been done and its caller does not know yet.
   */
  synchronized void afterNextCommit(Runnable action) {
    after = action;
  }

  @Override
  public void commit(Transaction transaction) {
    Runnable then;
    synchronized (this) {
      commitSeen(transaction);
      then = after;
      after = () -> {};
    }
    then.run();
  }

  private void commitSeen(Transaction transaction) {
    if (transaction.expectations().stream().anyMatch(e -> e.cell().equals(contested))) {
      Runnable first = rival;
      rival = () -> {};
      first.run();
    }
    backend.commit(transaction);
    states.add(look());
  }

  @Override
  public void scan(Bytes prefix, KeyVisitor visitor) {
    backend.scan(prefix, visitor);
  }

  @Override
  public Map<Cell, CellStatus> describe(Collection<? extends Cell> cells) {
    return backend.describe(cells);
  }

  @Override
  public Map<Bytes, List<FieldStatus>> fields(Collection<Bytes> keys) {
    return backend.fields(keys);
  }

  @Override
  public Optional<Version> read(Cell cell, ContentSink sink) throws IOException {
    return backend.read(cell, sink);
  }

  @Override
  public Optional<Range> read(Cell cell, long offset, int length) {
    return backend.read(cell, offset, length);
  }

  @Override
  public List<Element> elements(Bytes key) {
    return backend.elements(key);
  }

  @Override
  public Subscription watch(Bytes prefix, ChangeListener listener) {
    return backend.watch(prefix, listener);
  }

  @Override
  public void sync(Durability durability) {
    backend.sync(durability);
  }

  @Override
  public void close() {
    backend.close();
  }
}
