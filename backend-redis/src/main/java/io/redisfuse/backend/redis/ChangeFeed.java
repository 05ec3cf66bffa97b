package io.redisfuse.backend.redis;

import io.github.resilience4j.core.IntervalFunction;
import io.redisfuse.api.BackendException;
import io.redisfuse.api.Bytes;
import io.redisfuse.api.ChangeListener;
import io.redisfuse.api.RefusedException;
import io.redisfuse.api.Subscription;
import io.redisfuse.backend.redis.FeedWire.Ear;
import io.redisfuse.backend.redis.UntoldChanges.Handful;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import redis.clients.jedis.Protocol.Command;
import redis.clients.jedis.RedisProtocol;
import redis.clients.jedis.exceptions.JedisBusyException;
import redis.clients.jedis.exceptions.JedisDataException;
import redis.clients.jedis.exceptions.JedisException;
import redis.clients.jedis.exceptions.JedisProtocolNotSupportedException;

/**
 * Hears of changes: {@code CLIENT TRACKING ON BCAST}, on a connection of its own, needs no
 * configuration of the server and reports each change, expiry and eviction of each key.
 *
 * <p>The messages name no database. What happens to a key of the same name in another one is
 * reported too, so the listener hears that its key may have changed, asks, and finds that it has
 * not; a FLUSHDB of another one is a reset for nothing. SWAPDB is not reported at all: the
 * heartbeat asks how often it was run, and a number that differs is a reset, also if other
 * databases were swapped. Where the user may not ask, a swap by another client goes unnoticed, and
 * the log says so.
 *
 * <p>One thread reads and, when the connection is lost, makes a new one. It never waits for the
 * listener, since what is not read the server would have to keep: it puts what it hears where a
 * second thread takes it from, which tells the listener. The clock sends the heartbeats, so that a
 * connection that died silently is noticed. The listener hears a reset when the connection is lost,
 * since what it hears from then on is nothing, and again when there is a new one.
 */
final class ChangeFeed implements Subscription {

  private static final Logger log = LoggerFactory.getLogger(ChangeFeed.class);

  /** So often SWAPDB is looked for, so it is how late it may be noticed. */
  private static final Duration MAX_HEARTBEAT = Duration.ofMillis(500);

  private static final String VERSION = "redis_version:";
  private static final Duration MAX_SILENCE = Duration.ofSeconds(6);
  private static final Duration MAX_BLINDNESS = Duration.ofSeconds(30);
  private static final IntervalFunction PAUSES =
      IntervalFunction.ofExponentialRandomBackoff(
          Duration.ofMillis(50), 1.5, 0.5, Duration.ofSeconds(2));

  private final Connections connections;
  private final Calls calls;
  private final ScheduledExecutorService clock;
  private final Bytes prefix;
  private final ChangeListener listener;
  private final Consumer<ChangeFeed> onClose;
  private final Duration heartbeat;
  private final Duration silence;

  /** After so long without a connection anything may have changed since the last reset. */
  private final Duration blindness;

  private final UntoldChanges untold = new UntoldChanges();
  private final Ear ear = new Hearing();
  private final Thread reader;
  private final Thread teller;
  private final CountDownLatch closing = new CountDownLatch(1);

  /** Held while the listener is called, and to decide that it will not be called any more. */
  private final ReentrantLock calling = new ReentrantLock();

  /** Guarded by {@link #calling}. */
  private boolean closed;

  /** How often SWAPDB was run when last asked. Of the reader, after the start. */
  private long swaps;

  /** Whether somebody was told that SWAPDB goes unnoticed. Of the reader, after the start. */
  private boolean warned;

  /**
   * The present connection, null before the first. Written by the reader; closed by whoever ends
   * the feed.
   */
  private volatile FeedWire wire;

  /** Notified when something was answered, or the connection was lost or made. */
  private final Object news = new Object();

  /**
   * Whether what changes is heard on the present connection, or it was put down that it is not.
   * Guarded by {@link #news}.
   */
  private boolean hears = true;

  private ChangeFeed(
      Connections connections,
      Calls calls,
      ScheduledExecutorService clock,
      Bytes prefix,
      ChangeListener listener,
      Consumer<ChangeFeed> onClose) {
    this.connections = connections;
    this.calls = calls;
    this.clock = clock;
    this.prefix = prefix;
    this.listener = listener;
    this.onClose = onClose;
    this.silence = shorter(MAX_SILENCE, calls.timeLimit().multipliedBy(3).dividedBy(4));
    this.heartbeat = shorter(MAX_HEARTBEAT, silence.dividedBy(3));
    this.blindness = shorter(MAX_BLINDNESS, calls.timeLimit().multipliedBy(3));
    this.reader = daemon(this::listen, "redisfuse-feed");
    this.teller = daemon(this::tellAll, "redisfuse-feed-teller");
  }

  private static Duration shorter(Duration one, Duration other) {
    return one.compareTo(other) < 0 ? one : other;
  }

  private static Thread daemon(Runnable work, String name) {
    Thread thread = new Thread(work, name);
    thread.setDaemon(true);
    return thread;
  }

  /**
   * Starts a feed; when this returns, the server tracks.
   *
   * @param onClose told when the feed was closed
   * @throws RefusedException if the server does not track
   */
  static ChangeFeed start(
      Connections connections,
      Calls calls,
      ScheduledExecutorService clock,
      Bytes prefix,
      ChangeListener listener,
      Consumer<ChangeFeed> onClose) {
    ChangeFeed feed = new ChangeFeed(connections, calls, clock, prefix, listener, onClose);
    Deadline deadline = calls.deadline();
    feed.wire =
        calls.repeat(
            () ->
                calls.attempt(
                    deadline,
                    "watch keys",
                    () -> feed.open(deadline, () -> version(connections, deadline))));
    feed.reader.start();
    feed.teller.start();
    return feed;
  }

  /**
   * Starts a feed that begins to track when it can, and tells a reset then. Until then its listener
   * hears that changes go untold.
   */
  static ChangeFeed startLater(
      Connections connections,
      Calls calls,
      ScheduledExecutorService clock,
      Bytes prefix,
      ChangeListener listener,
      Consumer<ChangeFeed> onClose) {
    ChangeFeed feed = new ChangeFeed(connections, calls, clock, prefix, listener, onClose);
    feed.hears = false;
    feed.untold.lost();
    feed.reader.start();
    feed.teller.start();
    return feed;
  }

  @Override
  public void close() {
    calling.lock();
    try {
      if (closed) {
        return;
      }
      closed = true;
    } finally {
      calling.unlock();
    }
    closing.countDown();
    untold.end();
    tellNews(/* nowHears= */ false);
    cut();
    onClose.accept(this);
  }

  @Override
  public boolean catchUp(Duration bound) throws InterruptedException {
    Deadline deadline = Deadline.after(bound);
    FeedWire asked = wire;
    // The answer comes after all that has changed before, on the same connection.
    long answer = asked == null ? 0 : asked.beat();
    synchronized (news) {
      while (hears && asked == wire && asked.answers() < answer) {
        if (deadline.hasPassed()) {
          return false;
        }
        news.wait(deadline.millisLeft());
      }
    }
    return untold.awaitTold(deadline);
  }

  private void tellNews(boolean nowHears) {
    synchronized (news) {
      hears = nowHears;
      news.notifyAll();
    }
  }

  /** The connection is of no use any more, whatever it looks like. */
  void cut() {
    FeedWire present = wire;
    if (present != null) {
      present.cut();
    }
  }

  private FeedWire open(Deadline deadline, Supplier<Optional<String>> version) {
    FeedWire fresh = hello(deadline, version);
    try {
      track(fresh, version);
      fresh.setSoTimeout((int) silence.toMillis());
      return fresh;
    } catch (RuntimeException e) {
      fresh.cut();
      throw e;
    }
  }

  private FeedWire hello(Deadline deadline, Supplier<Optional<String>> version) {
    try {
      return connections.connect(FeedWire::new, deadline, Optional.of(RedisProtocol.RESP3));
    } catch (JedisProtocolNotSupportedException e) {
      throw ErrorReplies.cannotTrack(e, connections.address(), version.get());
    }
  }

  private void track(FeedWire fresh, Supplier<Optional<String>> version) {
    try {
      fresh.track(prefix).ifPresentOrElse(answer -> swaps = Swaps.count(answer), this::warnOfSwaps);
    } catch (JedisDataException e) {
      if (!ErrorReplies.isPassing(e)) {
        throw ErrorReplies.cannotTrack(e, connections.address(), version.get());
      }
      throw e;
    }
  }

  /** The version of the server, for whoever wants to know why it does not track. */
  private static Optional<String> version(Connections connections, Deadline deadline) {
    try {
      byte[] answer =
          connections.use(
              deadline, wire -> (byte[]) wire.ask(Commands.command(Command.INFO, "server")));
      return Bytes.wrap(answer)
          .toUtf8()
          .lines()
          .filter(line -> line.startsWith(VERSION))
          .map(line -> line.substring(VERSION.length()).strip())
          .findFirst();
    } catch (JedisException | BackendException e) {
      log.debug("asking for the version", e);
      return Optional.empty();
    }
  }

  private void warnOfSwaps() {
    if (!warned) {
      warned = true;
      log.warn(
          "Redis at {} does not let this user run INFO commandstats, so a SWAPDB by another client"
              + " will not be noticed; to change that, grant +info with ACL SETUSER.",
          connections.address());
    }
  }

  private void listen() {
    if (wire == null && !reconnect()) {
      return;
    }
    do {
      listenUntilLost();
      untold.lost();
      tellNews(/* nowHears= */ false);
    } while (reconnect());
  }

  private void listenUntilLost() {
    FeedWire present = wire;
    Optional<ScheduledFuture<?>> beats = Optional.empty();
    try {
      beats = Optional.of(keepBeating(present));
      while (true) {
        hear(present);
      }
    } catch (RejectedExecutionException e) {
      log.debug("the backend is being closed", e);
    } catch (RuntimeException e) {
      // Whatever it is, nothing is heard any more on this connection.
      if (closing.getCount() > 0) {
        calls.listener().failed(Reasons.of(e));
        log.info(
            "The change feed of Redis at {} was lost ({}); connecting again.",
            connections.address(),
            Reasons.of(e));
      }
    } finally {
      beats.ifPresent(beating -> beating.cancel(false));
      present.cut();
    }
  }

  private ScheduledFuture<?> keepBeating(FeedWire present) {
    return clock.scheduleWithFixedDelay(
        present::beat, heartbeat.toMillis(), heartbeat.toMillis(), TimeUnit.MILLISECONDS);
  }

  /**
   * Returns whether there is a new connection; not so when the feed was closed. Also tries again
   * where the server refused: it may be replaced by another one. As long as there is none, nothing
   * is heard, so that from time to time anything may have changed.
   */
  private boolean reconnect() {
    boolean refused = false;
    Deadline nextReset = Deadline.after(blindness);
    for (int attempt = 1; !isClosing(Duration.ofMillis(PAUSES.apply(attempt))); ) {
      try {
        Deadline deadline = calls.deadline();
        wire = calls.attempt(deadline, "watch keys", () -> open(deadline, Optional::empty));
        if (closing.getCount() == 0) {
          wire.cut();
          return false;
        }
        untold.reset();
        tellNews(/* nowHears= */ true);
        calls.listener().reconnected();
        calls.listener().answered();
        log.info("The change feed of Redis at {} is back.", connections.address());
        return true;
      } catch (RuntimeException e) {
        log.debug("connecting the change feed", e);
        if (e instanceof RefusedException && !refused) {
          refused = true;
          log.warn("The change feed does not come back, and is tried again: {}", e.getMessage());
        }
        attempt = Math.min(attempt + 1, 20);
      }
      if (nextReset.hasPassed()) {
        untold.lost();
        nextReset = Deadline.after(blindness);
      }
    }
    return false;
  }

  private boolean isClosing(Duration pause) {
    try {
      return closing.await(pause.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      // Nobody interrupts this thread but who wants it to end.
      return true;
    }
  }

  private void hear(FeedWire present) {
    long answers = present.answers();
    try {
      present.hear(ear);
    } catch (JedisBusyException e) {
      // A script takes long. So the server is there, and will tell what the script changed.
      log.debug("a busy server", e);
    } catch (JedisDataException e) {
      if (ErrorReplies.isPassing(e)) {
        throw e;
      }
      // An answer all the same, but to a question that makes no more sense.
      if (present.asksForSwaps()) {
        present.askNoMoreForSwaps();
        warnOfSwaps();
      }
    } finally {
      if (present.answers() != answers) {
        synchronized (news) {
          news.notifyAll();
        }
      }
    }
  }

  private void tellAll() {
    try {
      for (Optional<Handful> next = untold.take(); next.isPresent(); next = untold.take()) {
        if (next.get().reset()) {
          tell(untold.isLost() ? ChangeListener::lost : ChangeListener::reset);
        }
        for (Bytes key : next.get().keys()) {
          tell(to -> to.changed(key));
        }
        untold.told();
        calls.listener().told(Duration.ofNanos(System.nanoTime() - next.get().heard()));
      }
    } catch (InterruptedException e) {
      // Nobody interrupts this thread but who wants it to end.
      log.debug("telling of changes", e);
    }
  }

  private void tell(Consumer<ChangeListener> what) {
    calling.lock();
    try {
      if (!closed) {
        what.accept(listener);
      }
    } catch (RuntimeException e) {
      log.error("A listener to changes failed.", e);
    } finally {
      calling.unlock();
    }
  }

  /** Puts what was heard where it is told from. */
  private final class Hearing implements Ear {

    @Override
    public void changed(List<Bytes> keys) {
      untold.changed(keys.stream().filter(key -> !key.startsWith(Marks.ALL)).toList());
    }

    @Override
    public void everythingChanged() {
      untold.reset();
    }

    @Override
    public void answered(Object reply) {
      calls.listener().answered();
      if (wire.asksForSwaps() && reply instanceof byte[] answer) {
        long count = Swaps.count(answer);
        if (count != swaps) {
          swaps = count;
          untold.reset();
        }
      }
    }
  }
}
