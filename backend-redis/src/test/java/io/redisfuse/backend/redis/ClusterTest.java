package io.redisfuse.backend.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

import io.redisfuse.api.Backend;
import io.redisfuse.api.BackendException;
import io.redisfuse.api.Bytes;
import io.redisfuse.api.Cell;
import io.redisfuse.api.Change;
import io.redisfuse.api.ConflictException;
import io.redisfuse.api.Durability;
import io.redisfuse.api.Range;
import io.redisfuse.api.RefusedException;
import io.redisfuse.api.Snapshot;
import io.redisfuse.api.Transaction;
import io.redisfuse.api.Version;
import java.time.Duration;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What only a cluster does: keys at several nodes, which move and are replaced. */
@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
@Tag("server")
final class ClusterTest {

  private static final Duration LIMIT = Duration.ofSeconds(10);
  private static final Bytes OLD = Bytes.utf8("old");
  private static final Bytes NEW = Bytes.utf8("new");

  private static ClusterSet cluster;

  private Backend backend;

  @BeforeAll
  static void startCluster() {
    cluster = ClusterSet.replicated(3);
  }

  @AfterAll
  static void stopCluster() {
    cluster.close();
  }

  @BeforeEach
  void connect() {
    cluster.masters().forEach(master -> master.cli("FLUSHALL"));
    backend = RedisBackends.connect(cluster.options().withTimeLimit(LIMIT));
  }

  @AfterEach
  void disconnect() {
    backend.close();
  }

  @Test
  void keysAreOnAllNodes() {
    List<Cell> cells = cells(200);
    cells.forEach(cell -> put(cell, OLD));

    assertThat(cluster.masters())
        .allSatisfy(
            master ->
                assertThat(master.cli("--scan", "--pattern", "[^.]*").lines().count())
                    .isBetween(30L, 120L));
    assertThat(backend.describe(cells)).hasSize(200);
    assertThat(scanned(backend)).hasSize(200);
  }

  @Test
  void aSlotThatMovedIsFound() {
    Cell cell = Cell.string(Bytes.utf8("moved"));
    put(cell, OLD);
    RedisServer from = cluster.ownerOf("moved");
    RedisServer to = otherThan(from);

    cluster.move(ClusterSet.slot("moved"), from, to);
    assertThat(backend.read(cell)).contains(Snapshot.of(OLD));
    save(cell, OLD, NEW);
    assertThat(backend.describe(List.of(cell))).containsKey(cell);
    assertThat(to.cli("GET", "moved")).isEqualTo("new");

    cluster.move(ClusterSet.slot("moved"), to, from);
    save(cell, NEW, OLD);
    assertThat(from.cli("GET", "moved")).isEqualTo("old");
  }

  @Test
  void inTheMiddleOfAMoveEachKeyIsFoundWhereItIs() {
    Cell gone = Cell.string(Bytes.utf8("{slot}gone"));
    Cell still = Cell.string(Bytes.utf8("{slot}still"));
    Cell fresh = Cell.string(Bytes.utf8("{slot}fresh"));
    Cell hash = Cell.field(Bytes.utf8("{slot}hash"), Bytes.utf8("f"));
    List.of(gone, still, hash).forEach(cell -> put(cell, OLD));
    RedisServer from = cluster.ownerOf("{slot}");
    RedisServer to = otherThan(from);
    int slot = ClusterSet.slot("{slot}");

    cluster.open(slot, from, to);
    cluster.migrate(from, to, "{slot}gone", "{slot}hash");
    assertThat(backend.read(gone)).contains(Snapshot.of(OLD));
    assertThat(backend.read(still)).contains(Snapshot.of(OLD));
    assertThat(backend.version(gone)).isEqualTo(Version.of(OLD));
    for (Cell cell : List.of(gone, still, hash)) {
      assertThat(backend.read(cell, 0, 2)).contains(new Range(OLD.slice(0, 2), OLD.length()));
    }
    assertThat(backend.read(fresh, 0, 2)).isEmpty();
    assertThat(backend.describe(List.of(gone, still, fresh, hash)))
        .containsOnlyKeys(gone, still, hash);
    assertThat(backend.fields(List.of(hash.key()))).containsKey(hash.key());
    assertThat(scanned(backend)).containsExactlyInAnyOrder(gone.key(), still.key(), hash.key());
    save(gone, OLD, NEW);
    save(still, OLD, NEW);
    save(hash, OLD, NEW);
    backend.commit(Transaction.builder().expect(fresh, Version.ABSENT).put(fresh, NEW).build());
    assertThatExceptionOfType(ConflictException.class).isThrownBy(() -> save(gone, OLD, OLD));
    assertThatExceptionOfType(ConflictException.class)
        .isThrownBy(
            () ->
                backend.commit(
                    Transaction.builder().expect(fresh, Version.ABSENT).put(fresh, OLD).build()));
    assertThat(from.cli("GET", "{slot}still")).isEqualTo("new");

    Bytes elsewhere = Bytes.utf8("{elsewhere}");
    backend.commit(Transaction.of(new Change.MoveKey(hash.key(), elsewhere)));
    assertThat(cluster.cli("HGET", "{elsewhere}", "f")).isEqualTo("new");
    backend.commit(Transaction.of(new Change.DeleteKey(elsewhere)));

    // The marks of what was saved before the move are in nobody's way.
    cluster.migrateAll(slot, from, to);
    cluster.settle(slot, from, to);
    assertThat(to.cli("MGET", "{slot}gone", "{slot}still", "{slot}fresh"))
        .isEqualTo("new\nnew\nnew");
    assertThat(backend.read(still)).contains(Snapshot.of(NEW));
    cluster.move(slot, to, from);
  }

  @Test
  void scansMissNothingWhileSlotsMove() {
    List<Cell> cells = cells(3000);
    cells.forEach(cell -> put(cell, OLD));
    Set<Bytes> keys = new HashSet<>();
    cells.forEach(cell -> keys.add(cell.key()));
    RedisServer one = cluster.masters().get(0);
    RedisServer other = otherThan(one);
    BitSet ofOne = ClusterSet.slotsOf(one);
    List<Integer> moving =
        keys.stream().map(Slot::of).filter(ofOne::get).distinct().limit(20).toList();
    CompletableFuture<Void> moves =
        CompletableFuture.runAsync(
            () -> {
              moving.forEach(slot -> cluster.move(slot, one, other));
              moving.forEach(slot -> cluster.move(slot, other, one));
            });
    int scans = 0;
    try {
      while (!moves.isDone()) {
        assertThat(scanned(backend)).containsAll(keys);
        scans++;
      }
    } finally {
      moves.join();
    }
    System.out.printf("ClusterTest: %d scans while %d slots moved%n", scans, 2 * moving.size());
    assertThat(scans).isPositive();
  }

  @Test
  void theFeedHearsOfAllNodesAndOfKeysThatMove() {
    RecordingListener listener = new RecordingListener();
    backend.watch(Bytes.EMPTY, listener);
    cells(30).forEach(cell -> cluster.cli("SET", cell.key().toUtf8(), "x"));
    await().until(() -> listener.changed().size() == 30);

    RedisServer from = cluster.ownerOf("key0");
    RedisServer to = otherThan(from);
    int slot = ClusterSet.slot("key0");
    cluster.move(slot, from, to);
    to.cli("SET", "{key0}later", "x");
    await().until(() -> listener.hasHeardOf("{key0}later"));
    cluster.move(slot, to, from);
    from.cli("SET", "{key0}back", "x");
    await().until(() -> listener.hasHeardOf("{key0}back"));
    assertThat(listener.resets()).isZero();
  }

  @Test
  void theFeedGoesAlongWithANewMaster() {
    RecordingListener listener = new RecordingListener();
    backend.watch(Bytes.EMPTY, listener);
    RedisServer old = cluster.ownerOf("heard");
    RedisServer next = cluster.failOver(old);
    // The first says that nothing is heard, the second that it is again.
    await().until(() -> listener.resets() >= 2);

    next.cli("SET", "heard", "x");
    await().until(() -> listener.hasHeardOf("heard"));
    cluster.awaitReplica(old);
  }

  @Test
  void aMoveOverSlotsKeepsWhatThereIs() {
    Cell from = Cell.string(Bytes.utf8("a"));
    Cell into = Cell.string(Bytes.utf8("b"));
    put(from, NEW);
    put(into, OLD);
    backend.commit(Transaction.of(new Change.Expire(from.key(), Optional.of(Duration.ofHours(1)))));

    Transaction save =
        Transaction.builder()
            .expect(into, Version.of(OLD))
            .change(new Change.Move(from, into))
            .build();
    backend.commit(save);
    assertThat(backend.read(from)).isEmpty();
    assertThat(backend.read(into)).contains(Snapshot.of(NEW));
    assertThat(backend.describe(List.of(into)).get(into).ttl()).isPresent();

    put(from, OLD);
    assertThatExceptionOfType(ConflictException.class)
        .isThrownBy(() -> backend.commit(save))
        .satisfies(e -> assertThat(e.cell()).isEqualTo(into));
    assertThat(backend.read(from)).contains(Snapshot.of(OLD));
    assertThat(backend.read(into)).contains(Snapshot.of(NEW));

    Cell field = Cell.field(Bytes.utf8("hash"), Bytes.utf8("f"));
    backend.commit(Transaction.of(new Change.Move(from, field)));
    assertThat(backend.read(field)).contains(Snapshot.of(OLD));
    assertThat(backend.read(from)).isEmpty();
    assertThatExceptionOfType(ConflictException.class)
        .isThrownBy(() -> backend.commit(Transaction.of(new Change.Move(from, field))));
  }

  @Test
  void aKeyOfAnyTypeMovesOverSlots() {
    Bytes from = Bytes.utf8("a");
    Bytes into = Bytes.utf8("b");
    cluster.cli("RPUSH", "a", "1", "2", "3");
    cluster.cli("EXPIRE", "a", "1000");
    backend.commit(
        Transaction.builder()
            .expect(Cell.string(into), Version.ABSENT)
            .change(new Change.MoveKey(from, into))
            .build());
    assertThat(backend.elements(into)).hasSize(3);
    assertThat(backend.describe(List.of(Cell.string(into))).get(Cell.string(into)).ttl())
        .isPresent();
    for (int i = 0; i < 2000; i++) {
      put(Cell.field(from, Bytes.utf8("f" + i)), OLD);
    }
    backend.commit(Transaction.of(new Change.DeleteKey(into)));
    backend.commit(Transaction.of(new Change.MoveKey(from, into)));
    assertThat(backend.fields(List.of(into)).get(into)).hasSize(2000);
    assertThat(scanned(backend)).containsExactly(into);
  }

  @Test
  void aSourceThatChangesWhileItMovesIsNotLost() {
    Cell from = Cell.string(Bytes.utf8("a"));
    Cell into = Cell.string(Bytes.utf8("b"));
    for (Transfer.Step step : Transfer.Step.values()) {
      put(from, OLD);
      put(into, OLD);
      try (Backend moving = observed(once(step, () -> cluster.cli("SET", "a", "new")))) {
        assertThatExceptionOfType(ConflictException.class)
            .as("%s", step)
            .isThrownBy(
                () ->
                    moving.commit(
                        Transaction.builder()
                            .expect(from, Version.of(OLD))
                            .change(new Change.Move(from, into))
                            .build()));
        assertThat(backend.read(from)).as("%s", step).contains(Snapshot.of(NEW));
        assertThat(backend.read(into)).as("%s", step).contains(Snapshot.of(OLD));
      }
      put(from, OLD);
      try (Backend moving = observed(once(step, () -> cluster.cli("SET", "a", "new")))) {
        moving.commit(Transaction.of(new Change.Move(from, into)));
        assertThat(backend.read(into)).as("%s", step).contains(Snapshot.of(NEW));
        assertThat(backend.read(from)).as("%s", step).isEmpty();
      }
    }
  }

  @Test
  void aCollectionThatChangesWhileItMovesIsMovedAsItIsThen() {
    Bytes from = Bytes.utf8("a");
    Bytes into = Bytes.utf8("b");
    for (Transfer.Step step : Transfer.Step.values()) {
      cluster.cli("RPUSH", "a", "1");
      try (Backend moving = observed(once(step, () -> cluster.cli("RPUSH", "a", "2")))) {
        moving.commit(
            Transaction.builder()
                .expect(Cell.string(into), Version.ABSENT)
                .change(new Change.MoveKey(from, into))
                .build());
      }
      assertThat(backend.elements(into)).as("%s", step).hasSize(2);
      assertThat(scanned(backend)).containsExactly(into);
      backend.commit(Transaction.of(new Change.DeleteKey(into)));
    }
  }

  @Test
  void whoeverIsKilledWhileMovingLosesNothing() {
    Cell from = Cell.string(Bytes.utf8("a"));
    Cell into = Cell.string(Bytes.utf8("b"));
    for (Transfer.Step step : Transfer.Step.values()) {
      put(from, NEW);
      put(into, OLD);
      Runnable end =
          () -> {
            throw new IllegalStateException("killed");
          };
      try (Backend moving = observed(once(step, end))) {
        assertThatExceptionOfType(IllegalStateException.class)
            .isThrownBy(() -> moving.commit(Transaction.of(new Change.Move(from, into))));
      }
      assertThat(backend.read(from)).as("%s", step).contains(Snapshot.of(NEW));
    }
  }

  @Test
  void whatIsNotOneMoveIsRefusedOverSlots() {
    Cell one = Cell.string(Bytes.utf8("a"));
    Cell other = Cell.string(Bytes.utf8("b"));
    assertThatExceptionOfType(RefusedException.class)
        .isThrownBy(
            () -> backend.commit(Transaction.builder().put(one, OLD).put(other, OLD).build()))
        .withMessageContaining("Key a ")
        .satisfies(e -> assertThat(e.reason()).isEqualTo(RefusedException.Reason.CROSS_SLOT));
    assertThat(scanned(backend)).isEmpty();
  }

  @Test
  void savesGoOnWhenAMasterIsKilled() {
    requireSavesGoOn(RedisServer::kill, RedisServer::restart);
  }

  @Test
  void savesGoOnWhenAMasterStandsStill() {
    requireSavesGoOn(RedisServer::freeze, RedisServer::thaw);
  }

  private void requireSavesGoOn(Consumer<RedisServer> fault, Consumer<RedisServer> cure) {
    Cell cell = Cell.string(Bytes.utf8("saved"));
    RedisServer old = cluster.ownerOf("saved");
    RedisServer next = cluster.replicaOf(old);
    put(cell, Bytes.utf8("0"));
    backend.sync(new Durability.Replicas(1));
    fault.accept(old);
    long longest = 0;
    long began = System.nanoTime();
    for (int i = 0; i < 20; i++) {
      long start = System.nanoTime();
      save(cell, Bytes.utf8(String.valueOf(i)), Bytes.utf8(String.valueOf(i + 1)));
      longest = Math.max(longest, System.nanoTime() - start);
    }
    System.out.printf(
        "ClusterTest: 20 saves took %d ms, the longest %d ms%n",
        (System.nanoTime() - began) / 1_000_000, longest / 1_000_000);
    assertThat(Duration.ofNanos(longest)).isLessThan(LIMIT);
    assertThat(next.cli("GET", "saved")).isEqualTo("20");
    cure.accept(old);
    cluster.awaitReplica(old);
    backend.sync(new Durability.Replicas(1));
  }

  @Test
  void aFailoverInTheMiddleOfAMoveOverwritesNothing() {
    Cell gone = Cell.string(Bytes.utf8("{half}gone"));
    Cell still = Cell.string(Bytes.utf8("{half}still"));
    List.of(gone, still).forEach(cell -> put(cell, OLD));
    backend.sync(new Durability.Replicas(1));
    RedisServer from = cluster.ownerOf("{half}");
    RedisServer next = cluster.replicaOf(from);
    RedisServer to = otherThan(from);
    cluster.open(ClusterSet.slot("{half}"), from, to);
    cluster.migrate(from, to, "{half}gone");

    from.kill();

    save(still, OLD, NEW);
    assertThat(next.cli("GET", "{half}still")).isEqualTo("new");
    // A new master knows nothing of the move: what has gone is nowhere, for any client.
    assertThat(backend.read(gone)).isEmpty();
    assertThatExceptionOfType(ConflictException.class).isThrownBy(() -> save(gone, OLD, NEW));
    assertThat(to.cli("CLUSTER", "GETKEYSINSLOT", slotOf("{half}"), "9")).isEqualTo("{half}gone");

    from.restart();
    cluster.awaitReplica(from);
    String fixed = cluster.fix();
    await("redis-cli has found it: " + fixed)
        .atMost(LIMIT)
        .ignoreExceptions()
        .untilAsserted(() -> assertThat(backend.read(gone)).contains(Snapshot.of(OLD)));
    save(gone, OLD, NEW);
    assertThat(backend.read(still)).contains(Snapshot.of(NEW));
  }

  private static String slotOf(String key) {
    return String.valueOf(ClusterSet.slot(key));
  }

  @Test
  void syncWaitsForTheReplicasOfEachNodeThatHasSaved() {
    List<Cell> cells = cells(10);
    cells.forEach(cell -> put(cell, OLD));
    backend.sync(new Durability.Replicas(1));
    put(cells.get(0), NEW);
    RedisServer owner = cluster.ownerOf("key0");
    RedisServer replica = cluster.replicaOf(owner);
    replica.freeze();
    try (Backend hasty =
        RedisBackends.connect(cluster.options().withTimeLimit(Duration.ofMillis(500)))) {
      hasty.commit(Transaction.builder().put(cells.get(0), OLD).build());
      assertThatExceptionOfType(BackendException.class)
          .isThrownBy(() -> hasty.sync(new Durability.Replicas(1)))
          .withMessageContaining("0 of 1 replicas");
    } finally {
      replica.thaw();
    }
    cluster.awaitReplica(replica);
  }

  @Test
  void aNodeWithoutAReplicaIsInTheWayOfNoneButItsKeys() {
    Bytes here = Bytes.utf8("key0");
    Bytes elsewhere = keyOf(otherThan(cluster.ownerOf("key0")));
    RedisServer replica = cluster.replicaOf(cluster.ownerOf("key0"));
    replica.freeze();
    try (Backend hasty =
        RedisBackends.connect(cluster.options().withTimeLimit(Duration.ofMillis(500)))) {
      for (Bytes key : List.of(here, elsewhere)) {
        hasty.commit(Transaction.builder().put(Cell.string(key), NEW).build());
      }
      hasty.sync(Set.of(elsewhere), new Durability.Replicas(1));
      assertThatExceptionOfType(BackendException.class)
          .isThrownBy(() -> hasty.sync(Set.of(here, elsewhere), new Durability.Replicas(1)))
          .withMessageContaining("0 of 1 replicas");
    } finally {
      replica.thaw();
    }
    cluster.awaitReplica(replica);
  }

  @Test
  void whatMayBeLostWithAMasterIsToldOnceToWhoWaitsForIt() {
    Bytes here = Bytes.utf8("key0");
    RedisServer old = cluster.ownerOf("key0");
    RedisServer next = cluster.replicaOf(old);
    Bytes elsewhere = keyOf(otherThan(old));
    for (Bytes key : List.of(here, elsewhere)) {
      put(Cell.string(key), NEW);
    }
    await()
        .atMost(LIMIT)
        .until(() -> next.cli("CLUSTER", "GETKEYSINSLOT", slotOf("key0"), "9").contains("key0"));
    old.kill();
    cluster.awaitMaster(next);
    old.restart();
    cluster.awaitReplica(old);
    await().until(() -> backend.read(Cell.string(here)).isPresent());

    Durability durability = new Durability.Replicas(1);
    backend.sync(Set.of(elsewhere), durability);
    assertThatExceptionOfType(BackendException.class)
        .isThrownBy(() -> backend.sync(Set.of(here), durability))
        .withMessageContaining("it may be lost");
    backend.sync(Set.of(here), durability);
    put(Cell.string(here), OLD);
    backend.sync(Set.of(here), durability);
    backend.sync(durability);
  }

  @Test
  void whatMovesToAnotherNodeIsWaitedForThere() {
    Bytes key = Bytes.utf8("key0");
    RedisServer from = cluster.ownerOf("key0");
    RedisServer to = otherThan(from);
    put(Cell.string(key), NEW);
    cluster.move(ClusterSet.slot("key0"), from, to);
    RedisServer replica = cluster.replicaOf(to);
    replica.freeze();
    try (Backend hasty =
        RedisBackends.connect(cluster.options().withTimeLimit(Duration.ofMillis(500)))) {
      hasty.commit(Transaction.builder().put(Cell.string(key), OLD).build());
      cluster.move(ClusterSet.slot("key0"), to, from);
      await().until(() -> hasty.read(Cell.string(key)).isPresent());
      hasty.sync(Set.of(key), new Durability.Replicas(1));
    } finally {
      replica.thaw();
    }
    cluster.awaitReplica(replica);
    backend.sync(Set.of(key), new Durability.Replicas(1));
  }

  @Test
  void anAddressOfTheWrongKindIsToldSo() {
    RedisServer node = cluster.masters().get(0);
    assertThatExceptionOfType(RefusedException.class)
        .isThrownBy(() -> RedisBackends.connect(node.options()))
        .withMessageContaining("write redis-cluster://");
    try (RedisServer single = RedisServer.start()) {
      assertThatExceptionOfType(RefusedException.class)
          .isThrownBy(
              () ->
                  RedisBackends.connect(
                      RedisOptions.of("redis-cluster://127.0.0.1:" + single.port())))
          .withMessageContaining("write redis://");
    }
  }

  private static Backend observed(Transfer.Observer observer) {
    return ClusterBackend.connect(cluster.options(), observer);
  }

  private static Transfer.Observer once(Transfer.Step when, Runnable what) {
    AtomicBoolean done = new AtomicBoolean();
    return step -> {
      if (step == when && done.compareAndSet(false, true)) {
        what.run();
      }
    };
  }

  private static List<Cell> cells(int count) {
    List<Cell> cells = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      cells.add(Cell.string(Bytes.utf8("key" + i)));
    }
    return cells;
  }

  private static Bytes keyOf(RedisServer master) {
    BitSet slots = ClusterSet.slotsOf(master);
    return Slot.key("of", slots::get);
  }

  private static RedisServer otherThan(RedisServer master) {
    return cluster.masters().stream().filter(each -> each != master).findFirst().orElseThrow();
  }

  private void put(Cell cell, Bytes content) {
    backend.commit(Transaction.builder().put(cell, content).build());
  }

  private void save(Cell cell, Bytes expected, Bytes content) {
    backend.commit(
        Transaction.builder().expect(cell, Version.of(expected)).put(cell, content).build());
  }

  private static Set<Bytes> scanned(Backend backend) {
    Set<Bytes> keys = new HashSet<>();
    backend.scan(Bytes.EMPTY, (key, type) -> keys.add(key) || true);
    return keys;
  }
}
