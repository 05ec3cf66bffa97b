package io.redisfuse.frontend.fuse;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.redisfuse.frontend.files.FileSystem;
import io.redisfuse.frontend.fuse.kernel.Server;
import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Requests as no kernel sends them: each gets its errno, and the next one its answer. */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class KernelProtocolTest {

  private static final int HEADER_BYTES = 40;
  private static final int LOOKUP = 1;
  private static final int FORGET = 2;
  private static final int GETATTR = 3;
  private static final int READLINK = 5;
  private static final int OPEN = 14;
  private static final int SETLKW = 33;
  private static final int CREATE = 35;
  private static final int INIT = 26;
  private static final int INTERRUPT = 36;
  private static final int IOCTL = 39;
  private static final int BATCH_FORGET = 42;
  private static final int LAST_OPCODE = 60;
  private static final int ENOENT = 2;
  private static final int EINVAL = 22;
  private static final int ENOTTY = 25;
  private static final int ENOSYS = 38;
  private static final int EPROTO = 71;

  private final FileTree tree = new FileTree();
  private SocketPair pair;
  private Thread serving;
  private final AtomicInteger inReadLink = new AtomicInteger();
  private final CountDownLatch goOn = new CountDownLatch(1);
  private volatile boolean outdating;
  private long unique;

  @BeforeEach
  void serve() throws IOException {
    pair = new SocketPair();
    Server server = Server.on(pair.theirs(), slow(tree), Clock.systemUTC(), lag -> {});
    serving = new Thread(() -> server.serve(2), "serving");
    serving.start();
  }

  @AfterEach
  void end() throws InterruptedException {
    pair.close();
    serving.join(20_000);
    assertThat(serving.isAlive()).as("its threads end").isFalse();
    tree.close();
  }

  /** A file system in which readlink waits until it may go on. */
  private FileSystem slow(FileSystem files) {
    return (FileSystem)
        Proxy.newProxyInstance(
            getClass().getClassLoader(),
            new Class<?>[] {FileSystem.class},
            (proxy, method, arguments) -> {
              if (method.getName().equals("outdatesAttributes")) {
                return outdating;
              }
              if (method.getName().equals("readLink")) {
                inReadLink.incrementAndGet();
                assertThat(goOn.await(30, TimeUnit.SECONDS)).isTrue();
              }
              try {
                return method.invoke(files, arguments);
              } catch (InvocationTargetException e) {
                throw e.getCause();
              }
            });
  }

  private byte[] request(int opcode, long node, byte[] body) {
    ByteBuffer request =
        ByteBuffer.allocate(HEADER_BYTES + body.length).order(ByteOrder.nativeOrder());
    request.putInt(request.capacity()).putInt(opcode).putLong(++unique).putLong(node);
    request.putInt(1000).putInt(1000).putInt(1).putInt(0).put(body);
    return request.array();
  }

  /** Sends a request, and checks that the reply is one to it; returns the errno. */
  private int ask(byte[] request) {
    pair.send(request);
    ByteBuffer reply = ByteBuffer.wrap(pair.receive()).order(ByteOrder.nativeOrder());
    assertThat(reply.getInt(0)).as("length").isEqualTo(reply.capacity());
    assertThat(reply.getLong(8)).as("unique").isEqualTo(unique);
    int errno = -reply.getInt(4);
    if (errno != 0) {
      assertThat(reply.capacity()).as("an error has no more than that").isEqualTo(16);
    }
    return errno;
  }

  private void requireAlive() {
    assertThat(ask(request(GETATTR, 1, new byte[16]))).isZero();
  }

  private static byte[] name(String name) {
    return (name + "\0").getBytes(StandardCharsets.UTF_8);
  }

  private static byte[] init(int major, int minor) {
    ByteBuffer body = ByteBuffer.allocate(64).order(ByteOrder.nativeOrder());
    return body.putInt(major).putInt(minor).putInt(1 << 17).putInt(-1).array();
  }

  @Test
  void aGoodRequestIsAnswered() {
    requireAlive();
    assertThat(ask(request(LOOKUP, 1, name("nothing")))).isEqualTo(ENOENT);
  }

  @ParameterizedTest
  @CsvSource({"7,31,31", "7,38,38", "7,45,38", "8,0,38"})
  void theVersionIsAgreedOn(int major, int minor, int agreed) {
    pair.send(request(INIT, 0, init(major, minor)));
    ByteBuffer reply = ByteBuffer.wrap(pair.receive()).order(ByteOrder.nativeOrder());
    assertThat(reply.getInt(4)).isZero();
    assertThat(reply.getInt(16)).isEqualTo(7);
    assertThat(reply.getInt(20)).isEqualTo(agreed);
    if (major == 7) {
      assertThat(reply.capacity()).as("struct fuse_init_out").isEqualTo(16 + 64);
      assertThat(reply.getInt(36)).as("max_write").isEqualTo(1 << 20);
    }
  }

  @ParameterizedTest
  @CsvSource({"7,30", "6,99"})
  void aKernelThatIsTooOldIsRefused(int major, int minor) {
    assertThat(ask(request(INIT, 0, init(major, minor)))).isEqualTo(EPROTO);
  }

  @Test
  void theKernelIsToldOfAttributesThatAreOutdated() {
    byte[] body = new byte[16 + 2];
    body[16] = 'f';
    assertThat(ask(request(CREATE, 1, body))).isZero();
    outdating = true;
    pair.send(request(OPEN, 2, new byte[8]));
    ByteBuffer told = ByteBuffer.wrap(pair.receive()).order(ByteOrder.nativeOrder());
    // struct fuse_out_header and fuse_notify_inval_inode_out
    assertThat(told.getInt(0)).isEqualTo(told.capacity()).isEqualTo(40);
    assertThat(told.getInt(4)).as("FUSE_NOTIFY_INVAL_INODE").isEqualTo(2);
    assertThat(told.getLong(8)).as("unique of a notification").isZero();
    assertThat(told.getLong(16)).as("node").isEqualTo(2);
    assertThat(told.getLong(24)).as("attributes only").isEqualTo(-1);
    assertThat(ByteBuffer.wrap(pair.receive()).order(ByteOrder.nativeOrder()).getLong(8))
        .as("and then the reply")
        .isEqualTo(unique);
  }

  @Test
  void whatWaitsKeepsNoOthersWaiting() throws InterruptedException {
    int many = 100;
    for (int i = 0; i < many; i++) {
      pair.send(request(READLINK, 1, new byte[0]));
    }
    await().atMost(Duration.ofSeconds(20)).until(() -> inReadLink.get() == many);
    for (int i = 0; i < 1_000; i++) {
      requireAlive();
    }
    goOn.countDown();
    for (int i = 0; i < many; i++) {
      assertThat(pair.receive()).hasSize(16);
    }
    requireAlive();
    await()
        .atMost(Duration.ofSeconds(20))
        .untilAsserted(
            () -> {
              requireAlive();
              assertThat(threads()).as("threads in quiet times").isLessThanOrEqualTo(4);
            });
  }

  private static long threads() {
    return Thread.getAllStackTraces().keySet().stream()
        .filter(thread -> thread.getName().matches("fuse-\\d+"))
        .count();
  }

  @Test
  void whatIsUnknownIsNotThere() {
    for (int opcode :
        new int[] {
          0, 7, 19, 21, 22, 23, 24, 34, 37, 40, 41, 43, 46, 47, 48, 49, 50, 51, 52, 53, 60, 100,
          4096, -1
        }) {
      assertThat(ask(request(opcode, 1, new byte[64]))).as("opcode " + opcode).isEqualTo(ENOSYS);
    }
    requireAlive();
  }

  @Test
  void noFileIsATerminal() {
    assertThat(ask(request(IOCTL, 1, new byte[32]))).isEqualTo(ENOTTY);
  }

  @Test
  void aCountThatIsTooLargeOrNegativeForgetsWhatIsThere() {
    for (int count : new int[] {2, 1_000_000, Integer.MAX_VALUE, -1, Integer.MIN_VALUE}) {
      byte[] body = new byte[8 + 16];
      ByteBuffer.wrap(body).order(ByteOrder.nativeOrder()).putInt(0, count).putLong(8, 5);
      pair.send(request(BATCH_FORGET, 0, body));
      requireAlive();
    }
    assertThat(tree.calls("forget")).isPositive();
  }

  @Test
  void whatIsTooShortIsInvalid() {
    assertThat(ask(request(GETATTR, 1, new byte[3]))).isEqualTo(EINVAL);
    assertThat(ask(request(LOOKUP, 1, new byte[0]))).as("no name").isEqualTo(EINVAL);
    assertThat(ask(request(LOOKUP, 1, new byte[] {'a', 'b'}))).as("no NUL").isEqualTo(EINVAL);
    requireAlive();
  }

  @Test
  void whatIsNoRequestIsPassedOver() {
    pair.send(new byte[] {1, 2, 3});
    byte[] wrongLength = request(GETATTR, 1, new byte[16]);
    ByteBuffer.wrap(wrongLength).order(ByteOrder.nativeOrder()).putInt(0, 1_000_000);
    pair.send(wrongLength);
    requireAlive();
  }

  @Test
  void someGetNoReply() {
    pair.send(request(FORGET, 5, new byte[8]));
    pair.send(request(FORGET, 5, new byte[1]));
    pair.send(request(INTERRUPT, 0, new byte[8]));
    byte[] many = new byte[8];
    ByteBuffer.wrap(many).order(ByteOrder.nativeOrder()).putInt(1_000_000);
    pair.send(request(BATCH_FORGET, 0, many));
    requireAlive();
  }

  @Test
  void garbageEndsNothing() {
    Random random = new Random(42);
    for (int i = 0; i < 20_000; i++) {
      int opcode = random.nextInt(LAST_OPCODE);
      byte[] body = new byte[random.nextInt(120)];
      random.nextBytes(body);
      if (random.nextBoolean()) {
        // Small numbers get further.
        for (int b = 0; b < body.length; b++) {
          body[b] = (byte) (b % 8 == 0 ? body[b] & 7 : 0);
        }
      }
      byte[] request = request(opcode, random.nextInt(4), body);
      if (opcode == READLINK) {
        continue;
      }
      if (opcode == SETLKW) {
        // It may wait, until it is interrupted.
        pair.send(request);
        long waiting = unique;
        byte[] number = new byte[8];
        ByteBuffer.wrap(number).order(ByteOrder.nativeOrder()).putLong(waiting);
        pair.send(request(INTERRUPT, 0, number));
        ByteBuffer reply = ByteBuffer.wrap(pair.receive()).order(ByteOrder.nativeOrder());
        assertThat(reply.getLong(8)).isEqualTo(waiting);
        continue;
      }
      if (opcode == FORGET || opcode == BATCH_FORGET || opcode == INTERRUPT) {
        pair.send(request);
      } else {
        ask(request);
      }
    }
    requireAlive();
  }
}
