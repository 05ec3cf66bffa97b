package io.redisfuse.frontend.fuse;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.redisfuse.frontend.files.Attributes;
import io.redisfuse.frontend.files.FileSystem;
import io.redisfuse.frontend.files.Looked;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Listings with attributes ({@code READDIRPLUS}). */
@Timeout(60)
class KernelListingsTest {

  private static final int LOOKUP = 1;
  private static final int FORGET = 2;
  private static final int MKNOD = 8;
  private static final int UNLINK = 10;
  private static final int INIT = 26;
  private static final int OPENDIR = 27;
  private static final int READDIRPLUS = 44;
  private static final int ROOT = 1;
  private static final int REGULAR = 0100000;
  private static final int INVALIDATE_ENTRY = 3;

  /** Sent in the place of single names while requests are served. */
  private static final int ALL_NAMES = 8;

  private static final int ENTRY_BYTES = 128;
  private static final int DIRENT_BYTES = 24;

  private final FileTree tree = new FileTree();
  private KernelPeer kernel;

  @BeforeEach
  void start() throws Exception {
    kernel = new KernelPeer(trusting());
    assertThat(init(44)).isZero();
  }

  private int init(int minor) {
    ByteBuffer body = KernelPeer.body().putInt(7).putInt(minor).putInt(1 << 17).putInt(0);
    return kernel.ask(INIT, 0, body.putInt(0)).errno();
  }

  /** A file system whose names may be relied upon until something else is told. */
  private FileSystem trusting() {
    return (FileSystem)
        Proxy.newProxyInstance(
            getClass().getClassLoader(),
            new Class<?>[] {FileSystem.class},
            (proxy, method, arguments) -> {
              try {
                Object answer = method.invoke(tree, arguments);
                return answer instanceof Looked looked
                    ? new Looked(looked.attributes(), Attributes.UNTIL_TOLD)
                    : answer;
              } catch (InvocationTargetException e) {
                throw e.getCause();
              }
            });
  }

  @Test
  void namesAreKeptByKernelsThatCanLetGoOfAllAtOnce() {
    make("file");

    assertThat(secondsOf("file")).isPositive();
    assertThat(init(43)).isZero();
    assertThat(secondsOf("file")).isZero();
  }

  /** For how long a name is said to be valid. */
  private long secondsOf(String name) {
    KernelPeer.Reply reply = kernel.ask(LOOKUP, ROOT, KernelPeer.body().put(bytes(name)));
    assertThat(reply.errno()).isZero();
    return reply.bytes().getLong(KernelPeer.Reply.BODY + 16);
  }

  @AfterEach
  void end() throws Exception {
    kernel.close();
    tree.close();
  }

  private long make(String name) {
    ByteBuffer body = KernelPeer.body().putInt(REGULAR | 0644).putInt(0).putInt(0).putInt(0);
    KernelPeer.Reply reply = kernel.ask(MKNOD, ROOT, body.put(bytes(name)));
    assertThat(reply.errno()).isZero();
    return reply.bytes().getLong(KernelPeer.Reply.BODY);
  }

  private static byte[] bytes(String name) {
    return (name + "\0").getBytes(UTF_8);
  }

  private static ByteBuffer part(long handle, long offset, int size) {
    return KernelPeer.body()
        .putLong(handle)
        .putLong(offset)
        .putInt(size)
        .putInt(0)
        .putLong(0)
        .putLong(0);
  }

  private long openDirectory() {
    KernelPeer.Reply opened = kernel.ask(OPENDIR, ROOT, KernelPeer.body().putLong(0));
    return opened.bytes().getLong(KernelPeer.Reply.BODY);
  }

  /** The nodes by name, of a reply; and the offset after the last. */
  private static long read(KernelPeer.Reply reply, Map<String, Long> into) {
    ByteBuffer bytes = reply.bytes();
    long next = -1;
    int at = KernelPeer.Reply.BODY;
    while (at < bytes.capacity()) {
      int dirent = at + ENTRY_BYTES;
      int length = bytes.getInt(dirent + 16);
      byte[] name = new byte[length];
      bytes.get(dirent + DIRENT_BYTES, name);
      into.put(new String(name, UTF_8), bytes.getLong(at));
      next = bytes.getLong(dirent + 8);
      at = dirent + (DIRENT_BYTES + length + 7) / 8 * 8;
    }
    assertThat(at).isEqualTo(bytes.capacity());
    return next;
  }

  @Test
  void everyEntryComesOnceWithItsNodeButForTheDots() {
    Map<String, Long> made = new TreeMap<>();
    for (int i = 0; i < 50; i++) {
      made.put("file" + i, make("file" + i));
    }
    made.put(".", 0L);
    made.put("..", 0L);
    long handle = openDirectory();

    Map<String, Long> listed = new TreeMap<>();
    int parts = 0;
    long offset = 0;
    while (true) {
      KernelPeer.Reply reply = kernel.ask(READDIRPLUS, ROOT, part(handle, offset, 1000));
      if (reply.bytes().capacity() == KernelPeer.Reply.BODY) {
        break;
      }
      offset = read(reply, listed);
      parts++;
    }

    assertThat(listed).isEqualTo(made);
    assertThat(parts).isGreaterThan(5);
  }

  @Test
  void anEntryCountsAsALookup() {
    long node = make("file");
    kernel.ask(READDIRPLUS, ROOT, part(openDirectory(), 0, 4096));
    kernel.ask(UNLINK, ROOT, KernelPeer.body().put(bytes("file")));

    kernel.send(FORGET, node, KernelPeer.body().putLong(1));
    assertThat(kernel.ask(3, node, KernelPeer.body().putLong(0).putLong(0)).errno()).isZero();
    kernel.send(FORGET, node, KernelPeer.body().putLong(1));
    // Which has no reply, and may be served after what is asked next.
    await()
        .atMost(Duration.ofSeconds(20))
        .until(() -> kernel.ask(3, node, KernelPeer.body().putLong(0).putLong(0)).errno() != 0);
  }

  @Test
  void noRoomForOneEntryIsAnError() {
    make("file");
    assertThat(kernel.ask(READDIRPLUS, ROOT, part(openDirectory(), 0, 100)).errno()).isEqualTo(22);
    assertThat(kernel.ask(READDIRPLUS, ROOT, part(openDirectory(), -1, 4096)).errno())
        .isEqualTo(22);
  }

  @Test
  void theKernelIsToldOfWhatHasGoneSinceItWasListed() {
    make("stays");
    make("goes");
    long handle = openDirectory();
    kernel.ask(UNLINK, ROOT, KernelPeer.body().put(bytes("goes")));

    kernel.send(READDIRPLUS, ROOT, part(handle, 0, 4096));

    // An entry without a node tells the kernel nothing, which may know the name as something.
    List<KernelPeer.Reply> both = new ArrayList<>(List.of(kernel.receive(), kernel.receive()));
    KernelPeer.Reply notification =
        both.stream().filter(reply -> reply.unique() == 0).findFirst().orElseThrow();
    both.remove(notification);
    Map<String, Long> listed = new TreeMap<>();
    read(both.get(0), listed);
    assertThat(listed).containsEntry("goes", 0L);
    assertThat(listed.get("stays")).isPositive();
    ByteBuffer told = notification.bytes();
    if (told.getInt(4) == ALL_NAMES) {
      return;
    }
    assertThat(told.getInt(4)).isEqualTo(INVALIDATE_ENTRY);
    assertThat(told.getLong(16)).isEqualTo(ROOT);
    byte[] name = new byte[told.getInt(24)];
    told.get(32, name);
    assertThat(new String(name, UTF_8)).isEqualTo("goes");
  }
}
