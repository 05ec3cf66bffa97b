package io.redisfuse.frontend.fuse.kernel;

import com.kenai.jffi.MemoryIO;
import io.redisfuse.frontend.files.FileSystem;
import io.redisfuse.frontend.files.FsException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Clock;
import java.util.OptionalLong;
import java.util.function.LongConsumer;
import jnr.ffi.Memory;
import jnr.ffi.Pointer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Serves a mount: reads the kernel's requests from its descriptor and writes the replies, on Java
 * threads and in direct memory, without a callback from native code.
 *
 * <p>The structures are those of {@code linux/fuse.h}. What is malformed or unknown gets an errno;
 * nothing that happens in a request ends a thread.
 */
public final class Server {

  private static final Logger log = LoggerFactory.getLogger(Server.class);

  /** What programs are told to read and write at a time. */
  private static final int BLOCK_BYTES = 128 * 1024;

  /** Beside the content: the headers and what belongs to the opcode. */
  private static final int OVERHEAD_BYTES = 8 << 10;

  /** Each has 2 MiB for what it reads and writes, of which is used what it needed so far. */
  private static final int MOST_THREADS = 128;

  private final Device device;
  private final Operations operations;
  private final InFlight inFlight = new InFlight();
  private final Notifier notifier;
  private final LockWaits waits;
  private final Interrupts interrupts;
  private volatile boolean ended;
  private volatile Readers readers;

  private Server(Device device, FileSystem files, Clock clock, LongConsumer told) {
    this.device = device;
    this.notifier = new Notifier(device, inFlight, told);
    files.tell(notifier);
    this.waits = new LockWaits(files.locks(), this::sendErrno);
    this.interrupts = new Interrupts(this::sendErrno, PendingSignals::askToStop);
    this.operations =
        new Operations(files, new LockRequests(files.locks(), waits), clock, notifier);
  }

  /**
   * A server of a mount.
   *
   * @param descriptor of {@code /dev/fuse}, as libfuse's {@code fuse_mount} leaves it; a copy of it
   *     is used and closed here
   * @param told hears for how many nanoseconds something that was outdated waited until the kernel
   *     had been told; called by several threads
   */
  public static Server on(int descriptor, FileSystem files, Clock clock, LongConsumer told)
      throws IOException {
    return new Server(Device.duplicate(descriptor), files, clock, told);
  }

  /** From now on every request is answered with ENODEV, and the file system is left alone. */
  public void end() {
    ended = true;
    waits.end();
  }

  /**
   * Serves requests until the kernel has let go of the mount: it is unmounted, and no file in it is
   * open.
   *
   * @param threads how many wait for requests at most; there are more while requests are served
   */
  public void serve(int threads) {
    Readers readers = new Readers(threads, Math.max(threads, MOST_THREADS), this::loop);
    this.readers = readers;
    notifier.start();
    readers.run();
    notifier.end();
    notifier.awaitEnd();
    waits.end();
    waits.close();
    interrupts.end();
    device.close();
  }

  private void loop() {
    Readers all = readers;
    int capacity = Negotiation.MAX_WRITE_BYTES + OVERHEAD_BYTES;
    // Not cleared, so that only what is used takes memory. Freed with the pointers.
    Pointer from = Memory.allocateDirect(device.runtime(), capacity, /* clear= */ false);
    Pointer to = Memory.allocateDirect(device.runtime(), capacity, /* clear= */ false);
    Request request = new Request(view(from, capacity));
    Reply reply = new Reply(view(to, capacity), BLOCK_BYTES);
    try (Interrupts.Service service = interrupts.service()) {
      while (all.mayRead()) {
        int read = -1;
        try {
          read = device.read(from, capacity);
        } finally {
          all.takes();
        }
        if (read < 0) {
          all.end();
          return;
        }
        if (request.begin(read)) {
          answer(request, reply, to, service);
        } else {
          log.error("The kernel sent {} bytes that are no request.", read);
        }
      }
    } catch (IOException e) {
      log.error("A thread of the mount ends: {}", e.getMessage(), e);
    }
  }

  private static ByteBuffer view(Pointer memory, int capacity) {
    return MemoryIO.getInstance()
        .newDirectByteBuffer(memory.address(), capacity)
        .order(ByteOrder.nativeOrder());
  }

  private void answer(Request request, Reply reply, Pointer to, Interrupts.Service service) {
    switch (request.opcode()) {
      case Opcode.FORGET, Opcode.BATCH_FORGET -> {
        reply.begin();
        performed(request, reply, () -> operations.forget(request));
      }
      case Opcode.INTERRUPT -> {
        reply.begin();
        performed(request, reply, () -> interrupted(request));
      }
      default -> {
        service.begin(request.unique(), request.caller().thread());
        serve(request, reply, to, service);
      }
    }
  }

  private void interrupted(Request request) {
    waits.interrupt(request);
    // struct fuse_interrupt_in: the unique number of what is interrupted
    interrupts.interrupt(request.u64(0));
  }

  private void serve(Request request, Reply reply, Pointer to, Interrupts.Service service) {
    if (Opcode.isOfLock(request.opcode())) {
      // The kernel locks nothing of its own for these, and they may wait until it has let go.
      performAndSend(request, reply, to, service);
      return;
    }
    long node = request.node();
    OptionalLong other = request.otherDirectory();
    inFlight.begin(node);
    other.ifPresent(inFlight::begin);
    try {
      performAndSend(request, reply, to, service);
    } finally {
      inFlight.end(node);
      other.ifPresent(inFlight::end);
    }
  }

  private void performAndSend(
      Request request, Reply reply, Pointer to, Interrupts.Service service) {
    Operations.Undo undo = perform(request, reply);
    boolean isUnanswered = service.end();
    if (undo == Operations.Undo.ANSWERED_LATER) {
      return;
    }
    if (isUnanswered) {
      send(request, reply, to, undo);
    } else {
      takeBack(request, undo);
    }
  }

  private Operations.Undo perform(Request request, Reply reply) {
    Operations.Undo[] undo = {Operations.Undo.NOTHING};
    reply.begin();
    performed(request, reply, () -> undo[0] = operations.perform(request, reply));
    return undo[0];
  }

  private void performed(Request request, Reply reply, Runnable work) {
    if (ended) {
      reply.fail(Errno.ENODEV);
      return;
    }
    try {
      work.run();
    } catch (FsException e) {
      Failures.log(subject(request), e);
      reply.fail(Errno.of(e.error()));
    } catch (Throwable e) {
      Failures.logUnexpected(subject(request), e);
      reply.fail(Errno.EIO);
    }
  }

  /**
   * Hands over the reply; where the kernel does not take it, it will never give back what is in it.
   */
  private void send(Request request, Reply reply, Pointer to, Operations.Undo undo) {
    int length = reply.end(request.unique());
    int errno = device.write(to, length);
    if (errno == 0) {
      return;
    }
    log.debug("The reply to {} was not taken: errno {}", Opcode.name(request.opcode()), errno);
    takeBack(request, undo);
  }

  private void takeBack(Request request, Operations.Undo undo) {
    try {
      if (!ended) {
        undo.run();
      }
    } catch (Throwable e) {
      Failures.logUnexpected(subject(request), e);
    }
  }

  /** Sends a reply from any thread. */
  private int sendErrno(long unique, int errno) {
    Pointer memory =
        Memory.allocateDirect(device.runtime(), Reply.HEADER_BYTES, /* clear= */ false);
    view(memory, Reply.HEADER_BYTES).putInt(Reply.HEADER_BYTES).putInt(-errno).putLong(unique);
    return device.write(memory, Reply.HEADER_BYTES);
  }

  private static String subject(Request request) {
    return Opcode.name(request.opcode()) + " of node " + request.node();
  }
}
