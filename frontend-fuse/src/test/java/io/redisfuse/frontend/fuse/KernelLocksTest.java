package io.redisfuse.frontend.fuse;

import static io.redisfuse.frontend.fuse.KernelPeer.Reply.BODY;
import static io.redisfuse.frontend.fuse.KernelPeer.body;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The kernel's requests about locks and interrupts, in orders that a kernel may send them in. */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class KernelLocksTest {

  private static final int GETATTR = 3;
  private static final int OPEN = 14;
  private static final int RELEASE = 18;
  private static final int FLUSH = 25;
  private static final int INIT = 26;
  private static final int GETLK = 31;
  private static final int SETLK = 32;
  private static final int SETLKW = 33;
  private static final int CREATE = 35;
  private static final int INTERRUPT = 36;

  private static final int SHARED = 0;
  private static final int EXCLUSIVE = 1;
  private static final int NONE = 2;
  private static final int RECORD = 0;
  private static final int WHOLE = 1;
  private static final int RELEASES_WHOLE = 2;
  private static final long END = Long.MAX_VALUE;

  private static final int EINTR = 4;
  private static final int EAGAIN = 11;
  private static final int ENODEV = 19;
  private static final int EINVAL = 22;
  private static final int EDEADLK = 35;

  private final FileTree tree = new FileTree();
  private KernelPeer kernel;
  private long node;
  private long handle;

  @BeforeEach
  void serve() throws IOException {
    kernel = new KernelPeer(tree);
    // struct fuse_create_in: flags, mode, umask, open_flags; and the name
    ByteBuffer body = body().putInt(2).putInt(0644).putInt(0).putInt(0).put((byte) 'f');
    KernelPeer.Reply created = kernel.ask(CREATE, 1, body.put((byte) 0));
    node = created.bytes().getLong(BODY);
    handle = created.bytes().getLong(BODY + 128);
  }

  @AfterEach
  void end() {
    kernel.close();
    tree.close();
  }

  private ByteBuffer lock(long owner, int type, int kind, long first, long last) {
    return body()
        .putLong(handle)
        .putLong(owner)
        .putLong(first)
        .putLong(last)
        .putInt(type)
        .putInt(1000 + (int) owner)
        .putInt(kind)
        .putInt(0);
  }

  private ByteBuffer record(long owner, int type) {
    return lock(owner, type, RECORD, 0, END);
  }

  private int set(ByteBuffer lock) {
    return kernel.ask(SETLK, node, lock).errno();
  }

  /** Asks for a lock and waits; there is no reply yet. */
  private long waitFor(ByteBuffer lock) {
    int before = tree.calls("await");
    long unique = kernel.send(SETLKW, node, lock);
    await()
        .pollInterval(Duration.ofMillis(1))
        .atMost(Duration.ofSeconds(20))
        .until(() -> tree.calls("await") > before);
    return unique;
  }

  private void interrupt(long unique) {
    kernel.send(INTERRUPT, unique | 1, 0, body().putLong(unique));
  }

  private void requireAlive() {
    assertThat(kernel.ask(GETATTR, 1, body().putInt(0).putInt(0).putLong(0)).errno()).isZero();
  }

  private void requireReply(long unique, int errno) {
    KernelPeer.Reply reply = kernel.receive();
    assertThat(reply.unique()).isEqualTo(unique);
    assertThat(reply.errno()).isEqualTo(errno);
    assertThat(reply.bytes().capacity()).isEqualTo(BODY);
  }

  /** A reply that was caused by another request, whose own comes before or after it. */
  private void requireReplies(long one, long other) {
    List<Long> uniques = new ArrayList<>();
    for (int i = 0; i < 2; i++) {
      KernelPeer.Reply reply = kernel.receive();
      assertThat(reply.errno()).isZero();
      uniques.add(reply.unique());
    }
    assertThat(uniques).containsExactlyInAnyOrder(one, other);
  }

  @Test
  void locksAreAgreedOn() {
    ByteBuffer body = body().putInt(7).putInt(38).putInt(1 << 17).putInt(-1).position(64);
    int flags = kernel.ask(INIT, 0, body).bytes().getInt(BODY + 12);
    assertThat(flags & (1 << 1)).as("FUSE_POSIX_LOCKS").isNotZero();
    assertThat(flags & (1 << 10)).as("FUSE_FLOCK_LOCKS").isNotZero();
  }

  @Test
  void aLockIsTakenAndToldAndGivenBack() {
    assertThat(set(lock(1, EXCLUSIVE, RECORD, 10, 19))).isZero();
    assertThat(set(lock(2, SHARED, RECORD, 19, 30))).isEqualTo(EAGAIN);
    ByteBuffer told = kernel.ask(GETLK, node, lock(2, SHARED, RECORD, 0, END)).bytes();
    assertThat(told.capacity()).as("struct fuse_lk_out").isEqualTo(BODY + 24);
    assertThat(told.getLong(BODY)).isEqualTo(10);
    assertThat(told.getLong(BODY + 8)).isEqualTo(19);
    assertThat(told.getInt(BODY + 16)).isEqualTo(EXCLUSIVE);
    assertThat(told.getInt(BODY + 20)).as("pid").isEqualTo(1001);
    assertThat(set(lock(1, NONE, RECORD, 0, END))).isZero();
    told = kernel.ask(GETLK, node, lock(2, SHARED, RECORD, 0, END)).bytes();
    assertThat(told.getInt(BODY + 16)).isEqualTo(NONE);
    assertThat(kernel.ask(SETLKW, node, lock(2, SHARED, RECORD, 19, 30)).errno()).isZero();
    assertThat(kernel.ask(SETLKW, node, lock(2, NONE, RECORD, 19, 30)).errno()).isZero();
  }

  @ParameterizedTest
  @CsvSource({"7,0,9", "0,9,0", "0,-1,9", "0,5,-1"})
  void aLockThatCannotBeIsInvalid(int type, long first, long last) {
    assertThat(set(lock(1, type, RECORD, first, last))).isEqualTo(EINVAL);
    assertThat(kernel.ask(SETLKW, node, body().putLong(handle)).errno()).isEqualTo(EINVAL);
    assertThat(kernel.ask(FLUSH, node, body().putLong(handle)).errno()).isEqualTo(EINVAL);
    requireAlive();
  }

  @Test
  void theCloseOfADescriptorEndsTheLocksOfItsProcess() {
    set(record(1, EXCLUSIVE));
    long waits = waitFor(record(2, SHARED));
    ByteBuffer flush = body().putLong(handle).putLong(0).putLong(/* lock_owner */ 3);
    assertThat(kernel.ask(FLUSH, node, flush).errno()).as("of another process").isZero();
    long flushes = kernel.send(FLUSH, node, body().putLong(handle).putLong(0).putLong(1));
    requireReplies(waits, flushes);
    assertThat(set(record(1, EXCLUSIVE))).isEqualTo(EAGAIN);
  }

  @Test
  void theEndOfAHandleEndsTheLocksThatWereTakenThroughIt() {
    set(record(1, EXCLUSIVE));
    long waits = waitFor(record(2, SHARED));
    ByteBuffer release = body().putLong(handle).putInt(2).putInt(0).putLong(0);
    requireReplies(waits, kernel.send(RELEASE, node, release));
  }

  @Test
  void theEndOfAHandleEndsTheLocksOfWholeFilesOfItsOwner() {
    set(lock(1, EXCLUSIVE, WHOLE, 0, END));
    assertThat(set(record(9, EXCLUSIVE))).as("of another kind").isZero();
    long waits = waitFor(lock(2, EXCLUSIVE, WHOLE, 0, END));
    ByteBuffer release = body().putLong(77).putInt(2).putInt(RELEASES_WHOLE).putLong(1);
    long released = kernel.send(RELEASE, node, release);
    KernelPeer.Reply one = kernel.receive();
    KernelPeer.Reply other = kernel.receive();
    assertThat(List.of(one.unique(), other.unique())).containsExactlyInAnyOrder(waits, released);
    assertThat(set(record(8, EXCLUSIVE))).as("it stays").isEqualTo(EAGAIN);
  }

  @Test
  void whoWouldWaitForHimselfIsTold() {
    set(lock(1, EXCLUSIVE, RECORD, 0, 0));
    set(lock(2, EXCLUSIVE, RECORD, 1, 1));
    waitFor(lock(1, EXCLUSIVE, RECORD, 1, 1));
    assertThat(kernel.ask(SETLKW, node, lock(2, EXCLUSIVE, RECORD, 0, 0)).errno())
        .isEqualTo(EDEADLK);
  }

  @Test
  void whoIsInterruptedWaitsNoMore() {
    set(record(1, EXCLUSIVE));
    long waits = waitFor(record(2, EXCLUSIVE));
    interrupt(waits);
    requireReply(waits, EINTR);
    interrupt(waits);
    set(record(1, NONE));
    assertThat(set(record(3, EXCLUSIVE))).as("nobody has it").isZero();
  }

  @Test
  void anInterruptMayComeBeforeTheRequestThatItIsOf() {
    set(record(1, EXCLUSIVE));
    interrupt(kernel.nextUnique());
    // Two threads read: the interrupt is taken when this one has an answer.
    await()
        .atMost(Duration.ofSeconds(20))
        .until(
            () -> {
              long waits = kernel.send(SETLKW, node, record(2, EXCLUSIVE));
              KernelPeer.Reply reply = kernel.receive();
              assertThat(reply.unique()).isEqualTo(waits);
              return reply.errno() == EINTR;
            });
  }

  @Test
  void anInterruptOfWhatDoesNotWaitChangesNothing() {
    interrupt(kernel.nextUnique());
    requireAlive();
    interrupt(kernel.nextUnique() - 2);
    requireAlive();
    assertThat(kernel.ask(SETLKW, node, record(1, EXCLUSIVE)).errno()).isZero();
  }

  @Test
  void ofTooManyInterruptsTheKernelIsAskedToRepeatTheOldest() {
    int most = 1_000;
    for (int i = 1; i <= most + 1; i++) {
      interrupt(1_000_000 + 2L * i);
    }
    KernelPeer.Reply reply = kernel.receive();
    assertThat(reply.errno()).isEqualTo(EAGAIN);
    assertThat(reply.unique() & 1).as("of an interrupt").isEqualTo(1);
    requireAlive();
  }

  @Test
  void manyWhoWaitHoldNoThreadAndAreServedInTheirOrder() {
    int many = 48;
    set(record(1, EXCLUSIVE));
    List<Long> waiting = new ArrayList<>();
    for (int i = 0; i < many; i++) {
      waiting.add(waitFor(record(100 + i, EXCLUSIVE)));
    }
    await()
        .atMost(Duration.ofSeconds(20))
        .untilAsserted(
            () -> {
              requireAlive();
              assertThat(threads()).isLessThanOrEqualTo(4);
            });
    long before = kernel.send(SETLK, node, record(1, NONE));
    for (int i = 0; i < many; i++) {
      requireReplies(before, waiting.get(i));
      before = kernel.send(SETLK, node, record(100 + i, NONE));
    }
    requireReply(before, 0);
  }

  private static long threads() {
    return Thread.getAllStackTraces().keySet().stream()
        .filter(thread -> thread.getName().matches("fuse-\\d+"))
        .count();
  }

  @Test
  void atTheEndOfTheMountNobodyWaitsAnyMore() {
    set(record(1, EXCLUSIVE));
    long waits = waitFor(record(2, EXCLUSIVE));
    kernel.end();
    requireReply(waits, ENODEV);
    assertThat(kernel.ask(SETLKW, node, record(3, EXCLUSIVE)).errno()).isEqualTo(ENODEV);
  }

  @Test
  void whoReadsAFileWithLocksTellsOfEachClose() {
    assertThat(openForReading() & (1 << 5)).as("FOPEN_NOFLUSH").isNotZero();
    set(record(1, SHARED));
    assertThat(openForReading() & (1 << 5)).as("FOPEN_NOFLUSH").isZero();
  }

  private int openForReading() {
    return kernel.ask(OPEN, node, body().putInt(0).putInt(0)).bytes().getInt(BODY + 8);
  }
}
