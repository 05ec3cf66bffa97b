package io.redisfuse.frontend.fuse.kernel;

import io.redisfuse.frontend.files.locks.FileLocks;
import io.redisfuse.frontend.files.locks.Lock;
import io.redisfuse.frontend.files.locks.LockAnswer;
import io.redisfuse.frontend.files.locks.LockRefusal;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The requests that wait for locks, without a thread: each is answered by whoever makes its lock
 * free, or by its interrupt.
 *
 * <p>The kernel interrupts a request that a thread has read, but of which that thread perhaps has
 * not said yet that it waits. So an interrupt is remembered first and looks then for who waits; and
 * who begins to wait says so first and looks then for an interrupt.
 *
 * <p>Others, which end by themselves, are for {@link Interrupts}.
 */
final class LockWaits {

  /** Sends a reply that is no more than an errno, or 0. */
  interface Sender {
    /** Returns 0, or the errno with which the kernel refused it. */
    int send(long unique, int errno);
  }

  private final FileLocks locks;
  private final Sender sender;
  private final EarlyInterrupts early;
  private final Map<Long, Wait> waiting = new ConcurrentHashMap<>();
  private volatile boolean ended;

  /** Guarded by this, while something is sent. */
  private boolean closed;

  LockWaits(FileLocks locks, Sender sender) {
    this.locks = locks;
    this.sender = sender;
    this.early = new EarlyInterrupts(unique -> send(unique, Errno.EAGAIN));
  }

  /** A request waits for a lock from now on; it is answered here. */
  void begin(long unique, long node, Lock wanted) {
    Wait wait = new Wait(unique, node, wanted);
    waiting.put(unique, wait);
    try {
      locks.await(node, wanted, wait);
    } catch (RuntimeException e) {
      waiting.remove(unique, wait);
      throw e;
    }
    if (early.take(unique) || wait.interrupted || ended) {
      locks.cancel(wait);
    }
  }

  /** INTERRUPT: {@code struct fuse_interrupt_in} (the unique number of what is interrupted). */
  void interrupt(Request request) {
    long unique = request.u64(0);
    early.add(unique, request.unique());
    Wait wait = waiting.get(unique);
    if (wait != null) {
      early.take(unique);
      wait.interrupted = true;
      locks.cancel(wait);
    }
  }

  /** Who waits is told that the mount has ended, and so is who begins to wait after this. */
  void end() {
    ended = true;
    List.copyOf(waiting.values()).forEach(locks::cancel);
  }

  /** Nothing is sent any more, whatever becomes of locks. */
  synchronized void close() {
    closed = true;
  }

  private synchronized int send(long unique, int errno) {
    return closed ? Errno.ENODEV : sender.send(unique, errno);
  }

  private final class Wait implements LockAnswer {

    private final long unique;
    private final long node;
    private final Lock wanted;
    private volatile boolean interrupted;

    Wait(long unique, long node, Lock wanted) {
      this.unique = unique;
      this.node = node;
      this.wanted = wanted;
    }

    @Override
    public void granted() {
      waiting.remove(unique, this);
      if (send(unique, 0) != 0) {
        // The kernel does not know that it has the lock, and would never give it back.
        locks.giveBack(node, wanted.kind(), wanted.owner(), wanted.range());
      }
    }

    @Override
    public void refused(LockRefusal why) {
      waiting.remove(unique, this);
      send(unique, ended ? Errno.ENODEV : Errno.of(why));
    }
  }
}
