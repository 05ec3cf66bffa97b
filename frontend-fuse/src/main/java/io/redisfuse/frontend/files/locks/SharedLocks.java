package io.redisfuse.frontend.files.locks;

import io.redisfuse.api.Backend;
import io.redisfuse.api.BackendException;
import io.redisfuse.api.Bytes;
import io.redisfuse.api.Cell;
import io.redisfuse.api.ChangeListener;
import io.redisfuse.api.Expectation;
import io.redisfuse.api.RefusedException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Locks that hold among the programs of all mounts of a store; of files that are known on this
 * machine only, among those of this mount.
 *
 * <p>Who gets a lock sees what was done, by whoever had it before, until he gave it back. A mount
 * has its locks for as long as it tells the store so, from time to time. Else it loses them, and
 * what is saved by who held them is refused: nobody goes on as if he had what another may have got
 * meanwhile.
 *
 * <p>To take a lock throws what the backend throws; to give one back never fails.
 */
public final class SharedLocks implements FileLocks, Fences {

  private static final Logger log = LoggerFactory.getLogger(SharedLocks.class);

  /** How long other mounts believe that one is there which says nothing. */
  public static final Duration LIFE = Duration.ofSeconds(15);

  /** So often within it a mount says that it is there. */
  private static final int RENEWALS = 5;

  /** Other mounts tell when they give back a lock, but perhaps not us. */
  private static final Duration LOOK_AGAIN = Duration.ofSeconds(1);

  private static final int THREADS = 32;
  private static final Duration IDLE = Duration.ofSeconds(10);
  private static final Duration CLOSING = Duration.ofSeconds(5);

  private final LockedFiles files;
  private final FileLocks local = new LocalLocks();
  private final LockedCells cells;
  private final LocalCircles circles;
  private final MountCircles mountCircles;
  private final LockWatch watch;

  /** All who wait for locks among mounts. */
  private final Map<LockAnswer, CellLocks> waiting = new ConcurrentHashMap<>();

  /** Waits for nothing. */
  private final ScheduledExecutorService clock = executor("redisfuse-locks");

  /** Asks the store what concerns no cell alone. */
  private final ScheduledExecutorService asking = executor("redisfuse-lock-waits");

  private final Executor pool;
  private final CellTasks renewals;
  private final CellTasks services;
  private final List<Future<?>> ticks;

  public SharedLocks(Backend backend, LockedFiles files) {
    this(backend, files, MountIdentity.ofThisProcess(), LIFE, pool());
  }

  private static Executor pool() {
    ThreadPoolExecutor pool =
        new ThreadPoolExecutor(
            THREADS,
            THREADS,
            IDLE.toMillis(),
            TimeUnit.MILLISECONDS,
            new LinkedBlockingQueue<>(),
            task -> daemon(task, "redisfuse-lock"));
    pool.allowCoreThreadTimeOut(true);
    return pool;
  }

  /**
   * @param life how long other mounts believe that one is there which says nothing
   * @param pool has many threads, since each may wait for the store
   */
  SharedLocks(
      Backend backend, LockedFiles files, MountIdentity mount, Duration life, Executor pool) {
    this.pool = pool;
    this.files = files;
    this.renewals = new CellTasks(pool, locks -> guarded(() -> renew(locks)));
    this.services = new CellTasks(pool, locks -> guarded(() -> serve(locks)));
    var nonces = mount.nonces();
    this.cells =
        new LockedCells(
            cell ->
                new CellLocks(
                    cell, new CellLease(backend, cell, mount.name(), mount.host(), life, nonces)));
    this.circles = new LocalCircles(cells.all());
    this.mountCircles = new MountCircles(backend, mount.name(), life);
    this.watch = new LockWatch(backend, new Hearing());
    this.ticks =
        List.of(
            every(life.dividedBy(RENEWALS), clock, () -> cells.all().forEach(renewals::add)),
            every(LOOK_AGAIN, clock, () -> serve(locks -> true)),
            every(LOOK_AGAIN, asking, this::refuseCircles));
  }

  private static Future<?> every(Duration pause, ScheduledExecutorService executor, Runnable work) {
    return executor.scheduleWithFixedDelay(
        () -> guarded(work), pause.toMillis(), pause.toMillis(), TimeUnit.MILLISECONDS);
  }

  private static ScheduledExecutorService executor(String name) {
    return Executors.newSingleThreadScheduledExecutor(task -> daemon(task, name));
  }

  private static Thread daemon(Runnable task, String name) {
    Thread thread = new Thread(task, name);
    thread.setDaemon(true);
    return thread;
  }

  @Override
  public Optional<Lock> obstacle(long node, Lock wanted) {
    Optional<Cell> cell = cellOf(node);
    return cell.isEmpty()
        ? local.obstacle(node, wanted)
        : cells.use(node, cell.get(), locks -> explained(locks, () -> locks.obstacle(wanted)));
  }

  private static <T> T explained(CellLocks locks, Supplier<T> asking) {
    try {
      return asking.get();
    } catch (RefusedException e) {
      throw refused(locks.cell(), e);
    }
  }

  private static RefusedException refused(Cell cell, RefusedException why) {
    return new RefusedException(
        why.reason(),
        "The "
            + cell
            + " cannot be locked for all mounts: "
            + why.getMessage()
            + " A mount whose user may not write the keys .redisfuse:* can lock with --locks local.",
        why);
  }

  @Override
  public boolean take(long node, Lock wanted) {
    Optional<Cell> cell = cellOf(node);
    if (cell.isEmpty()) {
      return local.take(node, wanted);
    }
    return cells.use(
        node,
        cell.get(),
        locks -> {
          saveBeforeWeaker(locks, wanted);
          boolean taken = explained(locks, () -> locks.take(wanted));
          if (taken) {
            files.refresh(wanted.handle());
            // It may be weaker than what the owner had.
            serve(locks);
          }
          return taken;
        });
  }

  @Override
  public void await(long node, Lock wanted, LockAnswer answer) {
    Optional<Cell> cell = cellOf(node);
    if (cell.isEmpty()) {
      local.await(node, wanted, answer);
      return;
    }
    cells.use(
        node,
        cell.get(),
        locks -> {
          Waiter waiter = new Waiter(wanted, answer);
          waiting.put(answer, locks);
          locks.add(waiter);
          saveBeforeWeaker(locks, wanted);
          locks.letGoToChange(waiter);
          serve(locks);
          if (!waiter.isAnswered()) {
            listen(locks);
          }
          return null;
        });
  }

  private Optional<Cell> cellOf(long node) {
    return cells.cellOf(node).or(() -> files.cell(node));
  }

  /** What was written under a stronger lock is for all to see under a weaker one. */
  private void saveBeforeWeaker(CellLocks locks, Lock wanted) {
    if (wanted.type() == LockType.SHARED) {
      saveUnder(locks, lock -> lock.isOf(wanted.kind(), wanted.owner()));
    }
  }

  private void saveUnder(CellLocks locks, Predicate<Lock> given) {
    locks.held().locks().stream()
        .filter(given)
        .filter(lock -> lock.type() == LockType.EXCLUSIVE)
        .map(Lock::handle)
        .distinct()
        .forEach(files::save);
  }

  /** Who waits is to hear what other mounts give back. */
  private void listen(CellLocks locks) {
    try {
      asking.execute(
          () ->
              guarded(
                  () -> {
                    if (watch.begin()) {
                      services.add(locks);
                    }
                  }));
    } catch (RejectedExecutionException e) {
      log.debug("The mount has ended.", e);
    }
  }

  private static void guarded(Runnable work) {
    try {
      work.run();
    } catch (RuntimeException e) {
      log.error("Something unexpected happened with locks; what waits is looked at again.", e);
    }
  }

  @Override
  public void cancel(LockAnswer given) {
    CellLocks locks = waiting.get(given);
    Optional<Waiter> waiter =
        locks == null
            ? Optional.empty()
            : locks.waiters().stream().filter(w -> w.answer() == given).findFirst();
    if (waiter.isEmpty()) {
      local.cancel(given);
      return;
    }
    refuse(locks, waiter.get(), LockRefusal.CANCELLED);
  }

  private void refuse(CellLocks locks, Waiter waiter, LockRefusal why) {
    if (waiter.claim()) {
      locks.remove(waiter);
      waiting.remove(waiter.answer());
      cells.forgetUnused();
      waiter.answer().refused(why);
    }
  }

  @Override
  public void giveBack(long node, LockKind kind, long owner, LockRange range) {
    local.giveBack(node, kind, owner, range);
    giveBack(
        node,
        lock -> lock.isOf(kind, owner) && lock.range().overlaps(range),
        held -> held.without(kind, owner, range));
  }

  @Override
  public void released(long node, long handle) {
    local.released(node, handle);
    giveBack(
        node,
        lock -> lock.handle() == handle,
        held -> held.without(lock -> lock.handle() == handle));
  }

  private void giveBack(long node, Predicate<Lock> given, UnaryOperator<HeldLocks> left) {
    if (!cells.areUsed(node)) {
      return;
    }
    cells.ifUsed(
        node,
        locks -> {
          saveUnder(locks, given);
          locks.change(left);
          serve(locks);
          return null;
        });
  }

  @Override
  public boolean areUsed(long node) {
    return cells.areUsed(node) || local.areUsed(node);
  }

  @Override
  public LockCount count() {
    LockCount here = local.count();
    int held = cells.all().stream().mapToInt(locks -> locks.held().locks().size()).sum();
    return new LockCount(here.held() + held, here.waiting() + waiting.size());
  }

  // ---- who waits

  /** Has those cells looked at in which somebody waits. */
  private void serve(Predicate<CellLocks> which) {
    if (!waiting.isEmpty()) {
      cells.all().stream().filter(CellLocks::isWaitedFor).filter(which).forEach(services::add);
    }
    cells.forgetUnused();
  }

  /** Others may have their locks now, or see that they never will. */
  private void serve(CellLocks locks) {
    try {
      locks.serve(this::grant);
    } catch (RefusedException e) {
      log.warn("{}", refused(locks.cell(), e).getMessage());
      locks.waiters().forEach(waiter -> refuse(locks, waiter, LockRefusal.REFUSED));
    } catch (BackendException e) {
      log.debug("Who waits for locks of the {} goes on waiting.", locks.cell(), e);
    }
    for (Waiter refused : circles.refuse(locks)) {
      waiting.remove(refused.answer());
      refused.answer().refused(LockRefusal.DEADLOCK);
    }
  }

  /** Who waits for himself through other mounts waits no more. */
  private void refuseCircles() {
    Waits here = new Waits(cells.all().stream().flatMap(locks -> locks.waits().stream()).toList());
    try {
      Set<Long> doomed = mountCircles.look(here);
      for (CellLocks locks : cells.all()) {
        locks.waiters().stream()
            .filter(waiter -> doomed.contains(waiter.number()))
            .forEach(waiter -> refuse(locks, waiter, LockRefusal.DEADLOCK));
      }
    } catch (BackendException e) {
      log.debug("Whether mounts wait for each other is looked at later.", e);
    }
  }

  /**
   * Tells who has a lock, when he sees what was done before. Not on the thread of who gave it back:
   * the kernel may let go of the file only after that.
   */
  private void grant(Waiter served) {
    waiting.remove(served.answer());
    pool.execute(
        () ->
            guarded(
                () -> {
                  files.refresh(served.wanted().handle());
                  served.answer().granted();
                }));
  }

  /** What other mounts do with locks. */
  private final class Hearing implements ChangeListener {

    @Override
    public void changed(Bytes key) {
      serve(locks -> locks.isTold(key));
    }

    @Override
    public void reset() {
      serve(locks -> true);
    }
  }

  // ---- leases

  private void renew(CellLocks locks) {
    try {
      locks.renew();
    } catch (BackendException e) {
      log.debug("The lease of the {} is renewed later.", locks.cell(), e);
    }
    cells.forgetUnused();
  }

  @Override
  public Fence of(Cell cell, Writers writers) {
    return cells.find(cell).map(locks -> locks.fence(writers)).orElse(Fence.NONE);
  }

  @Override
  public void missing(Cell cell, Expectation expected) {
    cells.find(cell).ifPresent(locks -> locks.missing(expected));
  }

  @Override
  public void told(Cell cell, Writers writers) {
    cells.find(cell).ifPresent(locks -> locks.told(writers));
    cells.forgetUnused();
  }

  /** Gives back all locks, as far as the store can be told. */
  @Override
  public void close() {
    ticks.forEach(tick -> tick.cancel(false));
    clock.shutdownNow();
    asking.shutdownNow();
    watch.close();
    cells.all().forEach(locks -> locks.change(held -> HeldLocks.NONE));
    try {
      // What others were told of who waits is one thread's.
      if (asking.awaitTermination(CLOSING.toMillis(), TimeUnit.MILLISECONDS)) {
        mountCircles.look(Waits.NONE);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (BackendException e) {
      log.debug("Others find out that nobody waits here any more.", e);
    }
  }
}
