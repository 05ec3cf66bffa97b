package io.redisfuse.frontend.tree;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.redisfuse.api.Bytes;
import io.redisfuse.api.Cell;
import io.redisfuse.api.CellStatus;
import io.redisfuse.api.Change;
import io.redisfuse.api.Transaction;
import io.redisfuse.api.Type;
import io.redisfuse.api.WrongTypeException;
import io.redisfuse.backend.memory.MemoryBackend;
import io.redisfuse.frontend.names.Keyspace;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Whatever many clients, this mount among them, do to the keys, and however often the feed is lost
 * and scans break off: when all is quiet the index says what the store holds.
 */
class LiveIndexFollowsTest {

  private static final int ROUNDS = 10;
  private static final int CHANGES = 150;

  private final Keyspace keyspace = new Keyspace(Bytes.EMPTY, Bytes.utf8(":"));

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void theIndexAgreesWithTheStoreWhenAllIsQuiet(long seed) throws Exception {
    try (MemoryBackend store = new MemoryBackend();
        LossyBackend lossy = new LossyBackend(store);
        LiveIndex index =
            new LiveIndex(lossy, keyspace, Duration.ofSeconds(60), Duration.ofMillis(1), 50)) {
      Random random = new Random(seed);
      for (int i = 0; i < 200; i++) {
        change(store, random, randomKey(random));
      }
      index.start();
      ExecutorService threads = Executors.newCachedThreadPool();
      try {
        for (int round = 0; round < ROUNDS; round++) {
          // A reset repairs everything, so every other round is without one.
          beBusy(store, lossy, index, random, threads, round % 2 == 0 ? 1 : 0);
          await()
              .atMost(Duration.ofSeconds(30))
              .pollDelay(Duration.ZERO)
              .pollInterval(Duration.ofMillis(5))
              .untilAsserted(() -> requireAgreement(store, index));
        }
      } finally {
        threads.shutdownNow();
      }
    }
  }

  private void beBusy(
      MemoryBackend store,
      LossyBackend lossy,
      LiveIndex index,
      Random random,
      ExecutorService threads,
      int networks)
      throws Exception {
    List<Callable<Void>> clients = new ArrayList<>();
    for (int client = 0; client < 2; client++) {
      clients.add(stranger(store, new Random(random.nextLong())));
      clients.add(mount(store, index, new Random(random.nextLong())));
    }
    AtomicBoolean quiet = new AtomicBoolean();
    List<Future<Void>> others = new ArrayList<>();
    try {
      for (int network = 0; network < networks; network++) {
        others.add(threads.submit(network(lossy, quiet)));
      }
      others.add(threads.submit(reader(index, new Random(random.nextLong()), quiet)));
      for (Future<Void> client : threads.invokeAll(clients, 60, TimeUnit.SECONDS)) {
        client.get();
      }
    } finally {
      quiet.set(true);
    }
    for (Future<Void> other : others) {
      other.get(60, TimeUnit.SECONDS);
    }
  }

  private Callable<Void> stranger(MemoryBackend store, Random random) {
    return () -> {
      for (int i = 0; i < CHANGES; i++) {
        change(store, random, randomKey(random));
      }
      return null;
    };
  }

  private Callable<Void> mount(MemoryBackend store, LiveIndex index, Random random) {
    return () -> {
      for (int i = 0; i < CHANGES; i++) {
        Bytes key = randomKey(random);
        long stamp = index.stamp();
        boolean empty = random.nextBoolean();
        try {
          if (random.nextInt(3) == 0) {
            store.commit(Transaction.of(new Change.DeleteKey(key)));
            index.absent(key, stamp);
          } else {
            Bytes content = Bytes.utf8(empty ? "" : "content");
            store.commit(Transaction.of(new Change.Put(Cell.string(key), content)));
            if (empty && keyspace.mayBeMarker(key)) {
              index.marker(key, stamp);
            } else {
              index.present(key, Type.STRING, stamp);
            }
          }
        } catch (WrongTypeException e) {
          // Somebody made it something else: nothing was changed, nothing is said.
        }
      }
      return null;
    };
  }

  private static Callable<Void> network(LossyBackend lossy, AtomicBoolean quiet) {
    return () -> {
      while (!quiet.get()) {
        lossy.lose();
        Thread.yield();
        lossy.find();
        for (int i = 0; i < 20; i++) {
          Thread.yield();
        }
      }
      return null;
    };
  }

  private Callable<Void> reader(LiveIndex index, Random random, AtomicBoolean quiet) {
    return () -> {
      while (!quiet.get()) {
        Bytes stem = keyspace.parentStem(randomKey(random));
        index.list(stem);
        index.directoryExists(stem);
        index.ownValue(stem);
        index.keysBelow(stem, random.nextInt(5));
      }
      return null;
    };
  }

  private static void change(MemoryBackend store, Random random, Bytes key) {
    Bytes other = Bytes.utf8("content");
    try {
      switch (random.nextInt(8)) {
        case 0, 1 -> store.commit(Transaction.of(new Change.DeleteKey(key)));
        case 2 -> store.commit(Transaction.of(new Change.Put(Cell.string(key), Bytes.EMPTY)));
        case 3 -> store.commit(Transaction.of(new Change.Put(Cell.string(key), other)));
        case 4 -> store.commit(Transaction.of(new Change.Put(Cell.field(key, other), other)));
        case 5 -> store.putList(key, List.of(other));
        case 6 -> store.putSet(key, List.of(other));
        default -> {
          Change delete = new Change.DeleteKey(key);
          store.commit(Transaction.of(delete, new Change.Put(Cell.field(key, other), other)));
        }
      }
    } catch (WrongTypeException e) {
      // The key holds another type: nothing was changed.
    }
  }

  /** One of some 400 keys, many of them in directories of others, some with empty segments. */
  private static Bytes randomKey(Random random) {
    StringBuilder key = new StringBuilder("k" + random.nextInt(4));
    for (int depth = random.nextInt(4); depth > 0; depth--) {
      int segment = random.nextInt(5);
      key.append(':').append(segment == 0 ? "" : "s" + segment);
    }
    return Bytes.utf8(key.toString());
  }

  private void requireAgreement(MemoryBackend store, LiveIndex index) {
    Map<Bytes, Finding> held = held(store);
    Set<Bytes> stems = new HashSet<>();
    for (Bytes key : held.keySet()) {
      Bytes stem = keyspace.stem(key, Bytes.EMPTY);
      for (Optional<Bytes> s = Optional.of(stem); s.isPresent(); ) {
        stems.add(s.get());
        s = keyspace.parentOfStem(s.get());
      }
    }
    Random random = new Random(0);
    for (int i = 0; i < 50; i++) {
      stems.add(keyspace.stem(randomKey(random), Bytes.EMPTY));
    }
    for (Bytes stem : stems) {
      List<Bytes> below = held.keySet().stream().filter(key -> key.startsWith(stem)).toList();
      assertThat(IndexTest.asText(index.list(stem))).as("%s", stem).isEqualTo(listed(held, stem));
      assertThat(index.directoryExists(stem))
          .as("%s exists", stem)
          .isEqualTo(stem.isEmpty() || !below.isEmpty());
      assertThat(index.keysBelow(stem, held.size()))
          .as("below %s", stem)
          .containsExactlyInAnyOrderElementsOf(below);
      assertThat(index.ownValue(stem))
          .as("own value of %s", stem)
          .isEqualTo(
              keyspace
                  .ownKey(stem)
                  .flatMap(key -> Optional.ofNullable(held.get(key)))
                  .flatMap(Finding::type));
    }
    assertThat(index.size()).isEqualTo(held.size());
  }

  private Map<Bytes, Finding> held(MemoryBackend store) {
    List<Cell> cells = new ArrayList<>();
    store.scan(Bytes.EMPTY, (key, type) -> cells.add(Cell.string(key)));
    Map<Bytes, Finding> held = new TreeMap<>();
    for (Map.Entry<Cell, CellStatus> entry : store.describe(cells).entrySet()) {
      Bytes key = entry.getKey().key();
      CellStatus status = entry.getValue();
      boolean marker =
          key.endsWith(keyspace.delimiter())
              && status.type() == Type.STRING
              && status.size().getAsLong() == 0;
      held.put(key, marker ? Finding.MARKER : Finding.of(status.type()));
    }
    return held;
  }

  /** The listing, from the keys alone, in the form of {@link IndexTest#asText}. */
  private List<String> listed(Map<Bytes, Finding> held, Bytes stem) {
    Map<Bytes, Optional<Type>> keys = new TreeMap<>();
    Set<Bytes> directories = new TreeSet<>();
    held.forEach(
        (key, finding) -> {
          if (key.startsWith(stem)) {
            int end = key.indexOf(keyspace.delimiter(), stem.length());
            if (end >= 0) {
              directories.add(key.slice(stem.length(), end));
              keys.putIfAbsent(key.slice(stem.length(), end), Optional.empty());
            } else if (finding.type().isPresent()) {
              keys.put(key.slice(stem.length()), finding.type());
            }
          }
        });
    List<Child> children = new ArrayList<>();
    keys.forEach(
        (segment, type) -> children.add(new Child(segment, type, directories.contains(segment))));
    return IndexTest.asText(children);
  }
}
