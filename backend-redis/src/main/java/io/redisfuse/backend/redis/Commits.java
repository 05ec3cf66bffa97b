package io.redisfuse.backend.redis;

import io.redisfuse.api.BackendException;
import io.redisfuse.api.BackendUnavailableException;
import io.redisfuse.api.Bytes;
import io.redisfuse.api.Expectation;
import io.redisfuse.api.OutcomeUnknownException;
import io.redisfuse.api.ServerListener.Resolution;
import io.redisfuse.api.Transaction;
import io.redisfuse.backend.redis.Marks.Mark;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.locks.LockSupport;
import redis.clients.jedis.CommandArguments;
import redis.clients.jedis.Protocol.Command;
import redis.clients.jedis.Protocol.Keyword;
import redis.clients.jedis.exceptions.JedisConnectionException;
import redis.clients.jedis.exceptions.JedisDataException;

/**
 * Applies transactions: WATCH all keys and read what must be known, in one round trip; compare;
 * then MULTI, the commands, EXEC, in a second one.
 *
 * <p>WATCH is about keys, expectations are about cells. So an EXEC that answers nil is no conflict:
 * the round is repeated, and only a comparison that fails is one. A key that others never leave
 * alone would starve this; after a few rounds a script compares and applies in one step on the
 * server.
 *
 * <p>When the connection is lost after EXEC was sent, nobody knows whether it was executed. It can
 * not be executed later than a repetition of it: that writes to the keys which the first one
 * watched. So the next round looks whether its {@linkplain Marks mark} is there: if so, it was
 * applied, whatever others have done since; if not, it was not, and is judged anew. Should the new
 * state be there without a mark that was never there before, the outcome stays unknown: others may
 * have written the same, or the server may have let go of the mark.
 *
 * <p>There is no mark where the user may not write it, where it could not be where the other keys
 * are, since their slot is just on its way to another node, and where a full server is only to be
 * freed. Then the next round looks whether the new state is there (done) or the old one (go on); if
 * these cannot be told apart, or it is neither, the outcome stays unknown.
 */
final class Commits {

  private static final long MAX_PAUSE_NANOS = Duration.ofMillis(8).toNanos();

  /** How long a mark stays after the last moment at which it is looked for. */
  private static final Duration MARKS_LAST = Duration.ofSeconds(10);

  private static final int FREE_BYTES = 1024 * 1024;
  private static final int BYTES_PER_SECOND = 8 * 1024 * 1024;

  private final Route route;
  private final Calls calls;
  private final Scripts scripts;
  private final LargeCells large;
  private final TtlKeeping ttls;
  private final Marks marks;
  private final Optional<Integer> slot;
  private final int watchedRounds;

  /**
   * @param slot of a cluster, in which all keys are
   * @param watchedRounds how many rounds are tried with WATCH before a script must help
   */
  Commits(
      Route route,
      Calls calls,
      Scripts scripts,
      LargeCells large,
      TtlKeeping ttls,
      Marks marks,
      Optional<Integer> slot,
      int watchedRounds) {
    this.route = route;
    this.calls = calls;
    this.scripts = scripts;
    this.large = large;
    this.ttls = ttls;
    this.marks = marks;
    this.slot = slot;
    this.watchedRounds = watchedRounds;
  }

  void commit(Transaction transaction) {
    new Commit(transaction).run();
  }

  /** One transaction on its way. */
  private final class Commit {
    private final Transaction transaction;
    private final Set<Bytes> keys;

    /** By when it must have ended; later if large things are sent. */
    private Deadline deadline;

    /** How much later than usual: once, however often they are sent. */
    private Duration allowed = Duration.ZERO;

    /** What was sent in the present attempt, from the moment when the server may have it. */
    private Optional<Draft> sent = Optional.empty();

    /** What was sent in an attempt before and may or may not have been executed. */
    private Optional<Doubt> doubt = Optional.empty();

    /** Whether that attempt was seen to have been executed. */
    private boolean foundApplied;

    /** Whether others have changed since what it was about. */
    private boolean foundOthers;

    /** By which it is told whether it was applied, if that is possible. */
    private Optional<Mark> mark = Optional.empty();

    /** Whether the server refused something that may have been only the mark. */
    private boolean markRefused;

    /** Whether the server has no memory to let commands wait for EXEC. */
    private boolean full;

    private Commit(Transaction transaction) {
      this.transaction = transaction;
      this.keys = keysOf(transaction);
      this.deadline = calls.deadline();
    }

    void run() {
      if (keys.isEmpty()) {
        return;
      }
      mark = marks.permitted() ? Optional.of(marks.take(slot)) : Optional.empty();
      try {
        calls.repeat(
            () -> {
              attempt();
              return true;
            });
        giveMarkBack();
        if (markRefused) {
          marks.forbidden();
        }
        resolved(foundApplied ? Resolution.APPLIED : Resolution.NOT_APPLIED);
      } catch (OutcomeUnknownException e) {
        calls
            .listener()
            .resolved(foundOthers ? Resolution.CHANGED_BY_OTHERS : Resolution.NEVER_KNOWN);
        throw e;
      } catch (BackendException e) {
        giveMarkBack();
        resolved(Resolution.NOT_APPLIED);
        throw e;
      }
    }

    private void giveMarkBack() {
      mark.ifPresent(marks::giveBack);
      mark = Optional.empty();
    }

    /** Tells what became of what was in doubt, if anything was. */
    private void resolved(Resolution how) {
      if (doubt.isPresent()) {
        calls.listener().resolved(how);
      }
    }

    private void attempt() {
      try {
        route.use(
            deadline,
            wire -> {
              rounds(wire);
              wire.committed();
              return true;
            });
      } catch (JedisConnectionException e) {
        sent.ifPresent(draft -> doubt = Optional.of(doubtAbout(draft, e)));
        sent = Optional.empty();
        throw asDoubted(calls.lost(deadline, e));
      } catch (JedisDataException e) {
        sent = Optional.empty();
        boolean mayBeAboutMark = mark.isPresent() && doubt.isEmpty();
        if (mayBeAboutMark && ErrorReplies.isForbidden(e)) {
          giveMarkBack();
          markRefused = true;
          throw new TryAgain(e);
        }
        if (mayBeAboutMark && ErrorReplies.isBetweenNodes(e)) {
          giveMarkBack();
        }
        throw asDoubted(calls.refused(deadline, e, "change " + subject()));
      } catch (BackendUnavailableException e) {
        throw asDoubted(e);
      }
    }

    private void rounds(Wire wire) {
      ttls.require(wire);
      for (int round = 0; ; round++) {
        boolean watched = (round < watchedRounds && !full) || !scripts.permitted();
        boolean done = watched ? watchedRound(wire) : scriptRound(wire);
        if (done) {
          return;
        }
        if (deadline.hasPassed()) {
          throw new BackendUnavailableException(
              "Others change "
                  + subject()
                  + " so often that it could not be changed within the time limit.",
              /* cause= */ null);
        }
        pause(round);
      }
    }

    private boolean watchedRound(Wire wire) {
      wire.begin(deadline);
      Facts facts = new Facts(scripts, large);
      Verdict verdict = judge(wire, facts, List.of(wire.watch(keysAndMark())));
      if (verdict.isFinal()) {
        // The facts were read one after the other; a verdict must be of one moment.
        return wire.isUnchanged() && verdict.conclude();
      }
      Draft draft = verdict.draft().orElseThrow();
      beginSending(wire, draft);
      try {
        Optional<List<Object>> replies =
            wire.transact(marked(draft), () -> sent = Optional.of(draft));
        sent = Optional.empty();
        replies.map(all -> all.subList(0, draft.commands().size())).ifPresent(this::requireApplied);
        return replies.isPresent();
      } catch (JedisDataException e) {
        if (full || !ErrorReplies.isOutOfMemory(e) || !draft.onlyFrees() || !scripts.permitted()) {
          throw e;
        }
        // Of itself it would be taken: a script need not wait for EXEC.
        sent = Optional.empty();
        full = true;
        return false;
      }
    }

    private void beginSending(Wire wire, Draft draft) {
      Duration allowance = allowanceFor(draft.bytes());
      if (allowance.compareTo(allowed) > 0) {
        deadline = deadline.later(allowance.minus(allowed));
        allowed = allowance;
      }
      // If no answer comes, there must be time to find out what happened.
      wire.begin(deadline.half().later(allowance.dividedBy(2)));
    }

    private boolean scriptRound(Wire wire) {
      wire.begin(deadline);
      Facts facts = new Facts(scripts, large);
      // Nothing is watched: that the mark is as before keeps this from being applied too late.
      mark.ifPresent(of -> facts.mark(of.key(), of.number()));
      Verdict verdict = judge(wire, facts, List.of());
      List<CommandArguments> commands = verdict.draft().map(this::marked).orElse(List.of());
      List<Object> arguments = new ArrayList<>(facts.checks());
      arguments.add(commands.size());
      arguments.add(verdict.draft().map(Draft::onlyFrees).orElse(true) ? 0 : 1);
      for (CommandArguments command : commands) {
        arguments.add(command.size());
        command.forEach(arguments::add);
      }
      CommandArguments call = scripts.call(Scripts.APPLY, keysAndMark(), arguments);
      verdict.draft().ifPresent(draft -> beginSending(wire, draft));
      sent = verdict.draft();
      Object reply = wire.ask(List.of(call)).get(0);
      sent = Optional.empty();
      if (scripts.mustAskAgain(Scripts.APPLY, reply)) {
        return false;
      }
      if (reply instanceof List<?> partly) {
        throw partlyApplied(String.valueOf(partly.get(0)));
      }
      boolean holds = (Long) Fact.requireAnswer(reply) == 0;
      return holds && (verdict.isFinal() ? verdict.conclude() : true);
    }

    private List<Bytes> keysAndMark() {
      List<Bytes> all = new ArrayList<>(keys);
      mark.ifPresent(of -> all.add(of.key()));
      return all;
    }

    /** The commands, and at last the one that leaves the mark. */
    private List<CommandArguments> marked(Draft draft) {
      if (!leavesMark(draft)) {
        return draft.commands();
      }
      List<CommandArguments> commands = new ArrayList<>(draft.commands());
      Duration lasting = MARKS_LAST.plusMillis(2L * deadline.millisLeft());
      commands.add(
          Commands.command(
              Command.SET,
              mark.orElseThrow().key(),
              mark.orElseThrow().number(),
              Keyword.PX,
              lasting.toMillis()));
      return commands;
    }

    private boolean leavesMark(Draft draft) {
      return mark.isPresent() && !draft.onlyFrees();
    }

    /** Decides what to do, reading as long as something must be known. */
    private Verdict judge(Wire wire, Facts facts, List<CommandArguments> first) {
      List<CommandArguments> before = first;
      while (true) {
        Verdict verdict = verdict(facts);
        if (before.isEmpty() && !facts.isIncomplete()) {
          return verdict;
        }
        long start = System.nanoTime();
        facts.learn(wire, before);
        if (facts.hasTransferred()) {
          // What took long made progress.
          deadline = deadline.later(Duration.ofNanos(System.nanoTime() - start));
          wire.begin(deadline);
        }
        before = List.of();
      }
    }

    private Verdict verdict(Facts facts) {
      Doubt.Outcome outcome =
          doubt.map(about -> about.outcome(facts)).orElse(Doubt.Outcome.NOT_APPLIED);
      foundApplied = outcome == Doubt.Outcome.APPLIED && !facts.isIncomplete();
      if (foundApplied) {
        return Verdict.done();
      }
      boolean isUnknown = outcome == Doubt.Outcome.UNKNOWN;
      boolean leftTraces = doubt.isPresent() && doubt.get().isTracedIn(facts);
      try {
        Draft draft = Draft.of(transaction, facts);
        return isUnknown ? unknown() : Verdict.apply(draft);
      } catch (BackendException e) {
        // It cannot be applied now; but perhaps it was before, and others have changed it again.
        return isUnknown || leftTraces ? unknown() : Verdict.failure(e);
      }
    }

    private Verdict unknown() {
      foundOthers = doubt.orElseThrow().mark().isEmpty();
      return Verdict.failure(doubt.get().unknown());
    }

    private void requireApplied(List<Object> replies) {
      List<JedisDataException> errors =
          replies.stream()
              .filter(JedisDataException.class::isInstance)
              .map(JedisDataException.class::cast)
              .toList();
      if (errors.isEmpty()) {
        return;
      }
      if (errors.size() == replies.size()) {
        throw errors.get(0);
      }
      throw partlyApplied(errors.get(0).getMessage());
    }

    private OutcomeUnknownException partlyApplied(String reason) {
      return new OutcomeUnknownException(
          "Redis at "
              + calls.address()
              + " executed only a part of the change of "
              + subject()
              + " ("
              + reason
              + "); compare it with what was intended.",
          /* cause= */ null);
    }

    /** What becomes of a failure when an earlier attempt may have been executed after all. */
    private RuntimeException asDoubted(RuntimeException failure) {
      return doubt.isPresent() && !(failure instanceof TryAgain) ? doubt.get().unknown() : failure;
    }

    private Doubt doubtAbout(Draft draft, JedisConnectionException cause) {
      OutcomeUnknownException unknown =
          new OutcomeUnknownException(
              "The connection to Redis at "
                  + calls.address()
                  + " was lost while it changed "
                  + subject()
                  + " ("
                  + Reasons.of(cause)
                  + "); look whether it did.",
              cause);
      Sighting before = draft.before();
      Sighting after = draft.after();
      Optional<Mark> left = mark.filter(of -> leavesMark(draft));
      if (left.isEmpty() && !before.differsFrom(after)) {
        throw unknown;
      }
      return new Doubt(before, after, left, unknown);
    }

    private String subject() {
      Bytes first = keys.iterator().next();
      return "key " + first + (keys.size() == 1 ? "" : " and " + (keys.size() - 1) + " more");
    }
  }

  /** What a round has decided: apply a draft, fail, or that all is done. */
  private record Verdict(Optional<Draft> draft, Optional<BackendException> failure) {
    static Verdict apply(Draft draft) {
      return new Verdict(Optional.of(draft), Optional.empty());
    }

    static Verdict failure(BackendException failure) {
      return new Verdict(Optional.empty(), Optional.of(failure));
    }

    static Verdict done() {
      return new Verdict(Optional.empty(), Optional.empty());
    }

    boolean isFinal() {
      return draft.isEmpty();
    }

    /** Ends the commit: true, or the failure. */
    boolean conclude() {
      if (failure.isPresent()) {
        throw failure.get();
      }
      return true;
    }
  }

  private static void pause(int round) {
    long bound = Math.min(MAX_PAUSE_NANOS, 100_000L << Math.min(round, 10));
    LockSupport.parkNanos(ThreadLocalRandom.current().nextLong(bound) + 1);
  }

  private static Duration allowanceFor(long bytes) {
    return Duration.ofSeconds(bytes <= FREE_BYTES ? 0 : 1 + bytes / BYTES_PER_SECOND);
  }

  /** All keys that a transaction is about. */
  static Set<Bytes> keysOf(Transaction transaction) {
    Set<Bytes> keys = new LinkedHashSet<>();
    transaction.expectations().stream().map(Expectation::cell).forEach(c -> keys.add(c.key()));
    transaction.changes().forEach(change -> keys.addAll(change.keys()));
    return keys;
  }
}
