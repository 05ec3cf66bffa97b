package io.redisfuse.backend.redis;

import io.redisfuse.api.BackendUnavailableException;
import io.redisfuse.backend.redis.Sentinel.Opinion;
import java.time.Duration;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.BiFunction;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import redis.clients.jedis.Connection;
import redis.clients.jedis.HostAndPort;
import redis.clients.jedis.exceptions.JedisAccessControlException;
import redis.clients.jedis.exceptions.JedisConnectionException;
import redis.clients.jedis.exceptions.JedisException;

/**
 * Asks sentinels which server is the master of a name. One that was cut off from the others goes on
 * naming the old master, so all are asked, and that is believed which knows of the most failovers.
 *
 * <p>A thread for each asks all the time, since connections to a master that stands still, or is
 * cut off, tell nothing; when another server has become master, somebody is told. One that does not
 * answer keeps nobody waiting but its own thread.
 *
 * <p>Safe for threads.
 */
final class Sentinels implements Servers, AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(Sentinels.class);

  /** So late a failover is noticed. */
  private static final Duration PAUSE = Duration.ofMillis(250);

  /** So long one of them may take to answer. */
  private static final Duration PATIENCE = Duration.ofMillis(700);

  /** So often they are asked while one of them is having another server become master. */
  private static final Duration HANDING_OVER_PAUSE = Duration.ofMillis(20);

  private final String name;
  private final Runnable moved;
  private final List<Inquiry> inquiries;

  /** What is believed; guarded by this, as all below. */
  private Opinion known;

  /** How often a connection was lost. */
  private long doubts;

  /** How many of these losses made them be asked again. */
  private long answered;

  private boolean closed;

  /**
   * Sentinels.
   *
   * @param name of the master
   * @param connector connects to one of them, within a time
   * @param moved told when another server has become master
   */
  Sentinels(
      String name,
      List<HostAndPort> hosts,
      BiFunction<HostAndPort, Deadline, Connection> connector,
      Runnable moved) {
    this.name = name;
    this.moved = moved;
    this.inquiries =
        hosts.stream().map(host -> new Inquiry(new Sentinel(host, name, connector))).toList();
  }

  /** From now on they are asked. */
  void start() {
    inquiries.forEach(inquiry -> inquiry.thread.start());
  }

  /**
   * {@inheritDoc} After a doubt, what they say now, or else what they said before: a server that
   * was restarted says that it is the master, with whatever it has, until they have told it
   * otherwise.
   *
   * @throws io.redisfuse.api.RefusedException if none answers, and one wants another password
   */
  @Override
  public synchronized HostAndPort current(Deadline deadline) {
    long seen = doubts;
    if (known == null || answered < seen) {
      askAnew(deadline.orAfter(PATIENCE));
      answered = Math.max(answered, seen);
    }
    if (known == null) {
      throw nobodyKnows();
    }
    return known.master();
  }

  @Override
  public synchronized void doubt() {
    doubts++;
  }

  @Override
  public boolean mayMove() {
    return true;
  }

  /**
   * {@inheritDoc} The sentinel that leads a failover says so before it promotes a replica, and
   * names that as the master some hundred milliseconds after: what the old master takes in between
   * is lost, also if another replica has it. If none answers, there is nobody who could do so, as
   * far as can be seen from here.
   */
  @Override
  public synchronized boolean awaitSettled(Deadline deadline) {
    if (inquiries.stream().noneMatch(Inquiry::isThere)) {
      return true;
    }
    boolean haveSaid = askAnew(deadline);
    while (haveSaid && isLeaving()) {
      pause(HANDING_OVER_PAUSE.toNanos());
      haveSaid = !deadline.hasPassed() && askAnew(deadline);
    }
    return haveSaid;
  }

  private boolean isLeaving() {
    return inquiries.stream()
        .flatMap(inquiry -> inquiry.said.stream())
        .anyMatch(said -> said.isLeaving() && said.master().equals(known.master()));
  }

  /**
   * Waits until each that answers at all has answered a question that was asked after now; or, if
   * none does, has not answered it.
   *
   * @return false if the deadline has passed before
   */
  private boolean askAnew(Deadline deadline) {
    boolean isAnyThere = inquiries.stream().anyMatch(Inquiry::isThere);
    Map<Inquiry, Long> wanted = new HashMap<>();
    for (Inquiry inquiry : inquiries) {
      if (inquiry.isThere() || !isAnyThere) {
        wanted.put(inquiry, inquiry.begun + 1);
        inquiry.isDue = true;
      }
    }
    notifyAll();
    while (wanted.entrySet().stream().anyMatch(one -> one.getKey().ended < one.getValue())) {
      if (closed || deadline.hasPassed()) {
        return false;
      }
      pause(deadline.nanosLeft());
    }
    return true;
  }

  /** Waits for news, but no longer than so. */
  private void pause(long nanos) {
    try {
      TimeUnit.NANOSECONDS.timedWait(this, Math.max(nanos, 1));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new BackendUnavailableException(
          "The wait for the sentinels of " + name + " was interrupted.", e);
    }
  }

  private RuntimeException nobodyKnows() {
    for (Inquiry inquiry : inquiries) {
      if (inquiry.failure.isPresent()
          && inquiry.failure.get() instanceof JedisAccessControlException refusal) {
        return ErrorReplies.refusalBySentinel(
            refusal, RedisAddress.inWords(inquiry.sentinel.host()));
      }
    }
    List<JedisException> failures =
        inquiries.stream().flatMap(inquiry -> inquiry.failure.stream()).toList();
    return failures.size() == inquiries.size()
        ? new JedisConnectionException(
            "no sentinel answers: " + Reasons.of(failures.get(0)), failures.get(0))
        : new JedisConnectionException("no sentinel knows a master " + name);
  }

  /** One has answered, or not. */
  private void believeTheBest() {
    Optional<Opinion> best =
        inquiries.stream()
            .flatMap(inquiry -> inquiry.said.stream())
            .max(Comparator.comparingLong(Opinion::epoch));
    Opinion before = known;
    if (best.isEmpty() || (before != null && before.epoch() > best.get().epoch())) {
      // Those who know better do not answer now.
      return;
    }
    known = best.get();
    if (before != null && !before.master().equals(known.master())) {
      log.info("The master {} is at {} now.", name, known.master());
      try {
        moved.run();
      } catch (RuntimeException e) {
        log.error("What follows from a new master failed unexpectedly.", e);
      }
    }
  }

  @Override
  public void close() {
    synchronized (this) {
      closed = true;
      notifyAll();
    }
    inquiries.forEach(inquiry -> inquiry.sentinel.close());
  }

  /** One sentinel, the thread that asks it, and what it said. All guarded by the outer object. */
  private final class Inquiry implements Runnable {
    private final Sentinel sentinel;
    private final Thread thread;

    /** How often it was asked, and how often that has ended. */
    private long begun;

    private long ended;

    /** Whether somebody waits for an answer. */
    private boolean isDue;

    /** What it said last; nothing if it knows no such master, or did not answer. */
    private Optional<Opinion> said = Optional.empty();

    /** Why it did not answer last, if it did not. */
    private Optional<JedisException> failure = Optional.empty();

    Inquiry(Sentinel sentinel) {
      this.sentinel = sentinel;
      thread = new Thread(this, "redisfuse-sentinel " + sentinel.host());
      thread.setDaemon(true);
    }

    /** Whether it answers, or may. */
    private boolean isThere() {
      return failure.isEmpty();
    }

    @Override
    public void run() {
      while (awaitTurn()) {
        Optional<Opinion> opinion = Optional.empty();
        Optional<JedisException> lost = Optional.empty();
        try {
          opinion = sentinel.ask(Deadline.after(PATIENCE));
        } catch (JedisException e) {
          log.debug("The sentinel at {} does not answer.", sentinel.host(), e);
          lost = Optional.of(e);
        } catch (RuntimeException e) {
          log.error("Asking the sentinel at {} failed unexpectedly.", sentinel.host(), e);
          lost = Optional.of(new JedisConnectionException("an unknown answer", e));
        }
        hear(opinion, lost);
      }
    }

    private boolean awaitTurn() {
      Deadline turn = Deadline.after(begun == 0 ? Duration.ZERO : PAUSE);
      synchronized (Sentinels.this) {
        while (!closed && !isDue && !turn.hasPassed()) {
          pause(turn.nanosLeft());
        }
        isDue = false;
        begun++;
        return !closed;
      }
    }

    private void hear(Optional<Opinion> opinion, Optional<JedisException> lost) {
      synchronized (Sentinels.this) {
        ended++;
        said = opinion;
        failure = lost;
        if (!closed) {
          believeTheBest();
        }
        Sentinels.this.notifyAll();
      }
    }
  }
}
