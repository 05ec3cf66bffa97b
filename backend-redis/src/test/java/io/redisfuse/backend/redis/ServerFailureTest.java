package io.redisfuse.backend.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

import io.redisfuse.api.BackendException;
import io.redisfuse.api.BackendUnavailableException;
import io.redisfuse.api.Bytes;
import io.redisfuse.api.Cell;
import io.redisfuse.api.Change;
import io.redisfuse.api.ConflictException;
import io.redisfuse.api.ContentSink;
import io.redisfuse.api.OutcomeUnknownException;
import io.redisfuse.api.Range;
import io.redisfuse.api.RefusedException;
import io.redisfuse.api.RefusedException.Reason;
import io.redisfuse.api.Snapshot;
import io.redisfuse.api.Transaction;
import io.redisfuse.api.Version;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import redis.clients.jedis.Protocol.Command;

/** What callers hear of a server that is gone, hangs, or says no. */
@Timeout(120)
@Tag("server")
final class ServerFailureTest {

  private static final Duration LIMIT = Duration.ofSeconds(1);

  /** So much longer than the limit a call may take on a machine that is busy. */
  private static final Duration SLACK = Duration.ofSeconds(4);

  private static final Bytes KEY = Bytes.utf8("key");
  private static final Cell CELL = Cell.string(KEY);
  private static final Bytes CONTENT = Bytes.utf8("content");

  private RedisServer server;

  @AfterEach
  void stop() {
    if (server != null) {
      server.close();
    }
  }

  @Test
  void withoutAServerConnectFailsAtOnceAndSaysWhatToDo() throws Exception {
    int port;
    try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      port = free.getLocalPort();
    }
    long start = System.nanoTime();

    assertThatExceptionOfType(BackendUnavailableException.class)
        .isThrownBy(
            () -> RedisBackend.connect(RedisOptions.of("redis://:hidden@127.0.0.1:" + port)))
        .withMessage(
            "No Redis answers at 127.0.0.1:"
                + port
                + " (Connection refused); start one there or give another address with --uri.");

    assertThat(since(start)).isLessThan(SLACK);
  }

  @Test
  void anUnknownHostIsNamed() {
    assertThatExceptionOfType(BackendUnavailableException.class)
        .isThrownBy(() -> RedisBackend.connect(RedisOptions.of("redis://no.such.host.invalid")))
        .withMessageContaining("no.such.host.invalid:6379")
        .withMessageContaining("no such host");
  }

  @Test
  void afterOneCallThatWaitedInVainTheNextOnesFailAtOnce() {
    Duration limit = Duration.ofSeconds(4);
    server = RedisServer.start();
    try (RedisBackend backend =
        RedisBackend.connect(RedisOptions.of(server.uri()).withTimeLimit(limit))) {
      server.freeze();
      long start = System.nanoTime();

      for (int call = 0; call < 3; call++) {
        assertThatExceptionOfType(BackendUnavailableException.class)
            .isThrownBy(() -> backend.read(CELL))
            .withMessageContaining("did not answer");
      }

      assertThat(since(start)).isLessThan(limit.multipliedBy(2));
      server.thaw();
      await()
          .atMost(Duration.ofSeconds(20))
          .ignoreException(BackendUnavailableException.class)
          .until(() -> backend.read(CELL).isEmpty());
    }
  }

  @Test
  void aServerThatAcceptsAndNeverAnswersIsNotWaitedForLong() throws Exception {
    try (ServerSocket mute = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
      RedisOptions options =
          RedisOptions.of("redis://127.0.0.1:" + mute.getLocalPort()).withTimeLimit(LIMIT);
      long start = System.nanoTime();

      assertThatExceptionOfType(BackendUnavailableException.class)
          .isThrownBy(() -> RedisBackend.connect(options))
          .withMessageContaining("no answer in time");

      assertThat(since(start)).isLessThan(LIMIT.plus(SLACK));
    }
  }

  @Test
  void aServerThatWantsAPasswordSaysSo() {
    server = RedisServer.start("--requirepass", "s3cret");

    assertRefused(server.uri(), Reason.NOT_PERMITTED, "wants a password");
  }

  @Test
  void aWrongPasswordIsRefusedAndNotShown() {
    server = RedisServer.start("--requirepass", "s3cret");

    assertRefused(
        "redis://:wr0ng@127.0.0.1:" + server.port(), Reason.NOT_PERMITTED, "does not accept");
  }

  @Test
  void theRightPasswordOpens() {
    server = RedisServer.start("--requirepass", "s3cret");
    RedisOptions options = server.options().withPassword("s3cret"::toCharArray);

    try (RedisBackend backend = RedisBackend.connect(options)) {
      backend.commit(Transaction.of(new Change.Put(CELL, CONTENT)));
      assertThat(backend.read(CELL)).contains(Snapshot.of(CONTENT));
    }
  }

  @Test
  void aDatabaseThatDoesNotExistIsRefused() {
    server = RedisServer.start("--databases", "2");

    assertRefused("redis://127.0.0.1:" + server.port() + "/2", Reason.UNSUPPORTED, "no database");
  }

  @Test
  void databasesAreApart() {
    server = RedisServer.start();
    try (RedisBackend zero = RedisBackend.connect(server.options());
        RedisBackend one =
            RedisBackend.connect(RedisOptions.of("redis://127.0.0.1:" + server.port() + "/1"))) {
      one.commit(Transaction.of(new Change.Put(CELL, CONTENT)));

      assertThat(zero.read(CELL)).isEmpty();
      assertThat(one.read(CELL)).contains(Snapshot.of(CONTENT));
    }
  }

  @Test
  void whatAUserMayNotDoIsRefused() {
    server = RedisServer.start();
    try (RawRedis redis = RawRedis.of(server)) {
      redis.ask(Command.ACL, "SETUSER", "reader", "on", ">pw", "~*", "&*", "+@all", "-@write");
      redis.ask(Command.SET, KEY, CONTENT);
    }
    try (RedisBackend backend =
        RedisBackend.connect(RedisOptions.of("redis://reader:pw@127.0.0.1:" + server.port()))) {
      assertThat(backend.read(CELL)).contains(Snapshot.of(CONTENT));

      assertRefused(
          () -> backend.commit(Transaction.of(new Change.Put(CELL, Bytes.EMPTY))),
          Reason.NOT_PERMITTED);
      assertThat(backend.read(CELL)).contains(Snapshot.of(CONTENT));
    }
  }

  @Test
  void withoutScriptsLargeValuesAreVersionedAllTheSame() {
    server = RedisServer.start();
    Bytes large = Bytes.wrap(new byte[200_000]);
    try (RawRedis redis = RawRedis.of(server)) {
      redis.ask(Command.ACL, "SETUSER", "plain", "on", ">pw", "~*", "&*", "+@all", "-@scripting");
      redis.ask(Command.SET, KEY, large);
    }
    try (RedisBackend backend =
        RedisBackend.connect(RedisOptions.of("redis://plain:pw@127.0.0.1:" + server.port()))) {
      assertThat(backend.version(CELL)).isEqualTo(Version.of(large));
      backend.commit(
          Transaction.builder().expect(CELL, Version.of(large)).put(CELL, CONTENT).build());
      assertThat(backend.read(CELL)).contains(Snapshot.of(CONTENT));
    }
  }

  @Test
  void aServerThatForgotItsScriptsIsSentThemAgain() {
    server = RedisServer.start();
    Bytes large = Bytes.wrap(new byte[200_000]);
    try (RawRedis redis = RawRedis.of(server);
        RedisBackend backend = RedisBackend.connect(server.options())) {
      redis.ask(Command.SET, KEY, large);
      assertThat(backend.version(CELL)).isEqualTo(Version.of(large));
      redis.ask(Command.SCRIPT, "FLUSH");

      assertThat(backend.version(CELL)).isEqualTo(Version.of(large));
      redis.ask(Command.SCRIPT, "FLUSH");
      backend.commit(
          Transaction.builder().expect(CELL, Version.of(large)).put(CELL, CONTENT).build());

      assertThat(redis.get("key")).isEqualTo("content");
    }
  }

  @Test
  void aConnectionThatDiedSilentlyDoesNotCostTheCallItsSuccess() {
    server = RedisServer.start();
    try (RawRedis redis = RawRedis.of(server);
        FaultProxy proxy = new FaultProxy(server);
        RedisBackend backend =
            RedisBackend.connect(
                RedisOptions.of(proxy.uri()).withTimeLimit(Duration.ofSeconds(4)))) {
      redis.ask(Command.SET, KEY, CONTENT);
      assertThat(backend.read(CELL).orElseThrow().content()).isEqualTo(CONTENT);

      proxy.arm(1, FaultProxy.Fault.BLACK_HOLE);
      assertThat(backend.read(CELL).orElseThrow().content()).isEqualTo(CONTENT);
      assertThat(proxy.hasHappened()).isTrue();
      proxy.arm(1, FaultProxy.Fault.BLACK_HOLE);
      backend.commit(
          Transaction.builder()
              .expect(CELL, Version.of(CONTENT))
              .put(CELL, Bytes.utf8("saved"))
              .build());

      assertThat(proxy.hasHappened()).isTrue();
      assertThat(redis.get("key")).isEqualTo("saved");
    }
  }

  @Test
  void aFullServerRefusesAllOfATransaction() {
    server = RedisServer.start();
    Cell other = Cell.string(Bytes.utf8("other"));
    try (RawRedis redis = RawRedis.of(server);
        RedisBackend backend = RedisBackend.connect(server.options())) {
      redis.ask(Command.SET, KEY, CONTENT);
      redis.ask(Command.CONFIG, "SET", "maxmemory", "1");

      assertRefused(
          () ->
              backend.commit(
                  Transaction.of(new Change.Delete(CELL), new Change.Put(other, CONTENT))),
          Reason.NO_SPACE);

      assertThat(redis.get("key")).isEqualTo("content");
    }
  }

  @Test
  void aFullServerIsStillReadAndDeletedFrom() {
    server = RedisServer.start();
    Cell.FieldCell field = new Cell.FieldCell(Bytes.utf8("hash"), Bytes.utf8("field"));
    try (RawRedis redis = RawRedis.of(server);
        RedisBackend backend = RedisBackend.connect(server.options())) {
      redis.ask(Command.SET, KEY, CONTENT);
      redis.ask(Command.HSET, field.key(), field.field(), CONTENT, Bytes.utf8("other"), CONTENT);
      redis.ask(Command.CONFIG, "SET", "maxmemory", "1");

      assertThat(backend.read(CELL, 1, 3))
          .contains(new Range(CONTENT.slice(1, 4), CONTENT.length()));
      assertThat(backend.read(field, 1, 3).orElseThrow().content()).isEqualTo(CONTENT.slice(1, 4));
      assertThat(backend.read(CELL).orElseThrow().content()).isEqualTo(CONTENT);
      assertThatExceptionOfType(ConflictException.class)
          .isThrownBy(
              () ->
                  backend.commit(
                      Transaction.builder()
                          .expect(CELL, Version.of(Bytes.utf8("another")))
                          .change(new Change.Delete(CELL))
                          .build()));
      backend.commit(
          Transaction.builder()
              .expect(CELL, Version.of(CONTENT))
              .change(new Change.Delete(CELL))
              .change(new Change.Delete(field))
              .build());

      assertThat(redis.ask(Command.EXISTS, KEY)).isEqualTo(0L);
      assertThat(redis.ask(Command.HLEN, field.key())).isEqualTo(1L);
    }
  }

  @Test
  void aReplicaTakesNoWrites() {
    server = RedisServer.start();
    try (RedisServer replica = RedisServer.start("--replicaof", "127.0.0.1 " + server.port());
        RedisBackend backend = RedisBackend.connect(replica.options())) {
      assertRefused(
          () -> backend.commit(Transaction.of(new Change.Put(CELL, CONTENT))), Reason.READ_ONLY);
    }
  }

  @Test
  void whatTheServerAppliedInPartIsAdmitted() {
    server = RedisServer.start();
    Cell other = Cell.string(Bytes.utf8("other"));
    Bytes much = Bytes.wrap(new byte[600_000]);
    try (RawRedis redis = RawRedis.of(server);
        RedisBackend backend = RedisBackend.connect(server.options())) {
      backend.commit(Transaction.of(new Change.Put(CELL, much)));
      // Below what Redis promises, so that an APPEND fails within EXEC.
      redis.ask(Command.CONFIG, "SET", "proto-max-bulk-len", "1mb");

      assertThatExceptionOfType(OutcomeUnknownException.class)
          .isThrownBy(
              () ->
                  backend.commit(
                      Transaction.of(
                          new Change.Put(other, CONTENT), new Change.Append(CELL, much))))
          .withMessageContaining("only a part")
          .withMessageContaining("other");
      assertRefused(
          () -> backend.commit(Transaction.of(new Change.Append(CELL, much))), Reason.TOO_LARGE);
    }
  }

  @Test
  void aFrozenServerFailsEveryCallWithinTheTimeLimit() {
    server = RedisServer.start();
    // More than the buffers of the sockets take: the write hangs, for which there is no timeout.
    Bytes large = Bytes.wrap(new byte[900 * 1024]);
    List<Change> changes =
        IntStream.range(0, 12)
            .mapToObj(i -> (Change) new Change.Put(Cell.string(Bytes.utf8("k" + i)), large))
            .toList();
    // Each call is to try for itself.
    try (RedisBackend backend =
        RedisBackend.connect(server.options().withTimeLimit(LIMIT), Duration.ofMillis(1))) {
      backend.commit(Transaction.of(new Change.Put(CELL, CONTENT)));
      server.freeze();

      assertUnavailable(() -> backend.read(CELL));
      assertUnavailable(() -> backend.read(CELL, 0, 1));
      assertUnavailable(() -> backend.describe(List.of(CELL)));
      assertUnavailable(() -> backend.scan(Bytes.EMPTY, (key, type) -> true));
      assertUnavailable(() -> backend.commit(new Transaction(List.of(), changes)));
      assertUnavailable(() -> backend.watch(Bytes.EMPTY, new RecordingListener()));

      server.thaw();
      assertThat(backend.read(CELL)).contains(Snapshot.of(CONTENT));
      backend.commit(Transaction.of(new Change.Delete(CELL)));
      assertThat(backend.read(CELL)).isEmpty();
    }
  }

  @Test
  void aServerThatStartsAgainIsUsedAgain() throws Exception {
    server = RedisServer.start();
    ExecutorService callers = Executors.newFixedThreadPool(4);
    try (RedisBackend backend = RedisBackend.connect(server.options())) {
      // Several connections, all of which will be dead.
      CountDownLatch together = new CountDownLatch(4);
      List<Future<Boolean>> reads =
          IntStream.range(0, 4)
              .mapToObj(
                  i ->
                      callers.submit(
                          () -> {
                            backend.scan(
                                Bytes.EMPTY,
                                (key, type) -> {
                                  together.countDown();
                                  return true;
                                });
                            return backend.read(CELL).isPresent();
                          }))
              .toList();
      for (Future<Boolean> read : reads) {
        read.get(20, TimeUnit.SECONDS);
      }
      server.kill();
      server.restart();

      backend.commit(Transaction.of(new Change.Put(CELL, CONTENT)));
      assertThat(backend.read(CELL)).contains(Snapshot.of(CONTENT));
    } finally {
      callers.shutdownNow();
    }
  }

  @Test
  void aCallWaitsForAServerThatComesBackWithinTheTimeLimit() throws Exception {
    server = RedisServer.start();
    ExecutorService caller = Executors.newSingleThreadExecutor();
    try (RedisBackend backend =
        RedisBackend.connect(server.options().withTimeLimit(Duration.ofSeconds(30)))) {
      server.kill();
      Future<?> commit =
          caller.submit(() -> backend.commit(Transaction.of(new Change.Put(CELL, CONTENT))));
      server.restart();

      commit.get(40, TimeUnit.SECONDS);
      assertThat(backend.read(CELL)).contains(Snapshot.of(CONTENT));
    } finally {
      caller.shutdownNow();
    }
  }

  @Test
  void busyConnectionsAreNotWaitedForLong() throws Exception {
    server = RedisServer.start();
    CountDownLatch reading = new CountDownLatch(1);
    CountDownLatch enough = new CountDownLatch(1);
    ContentSink slow =
        new ContentSink() {
          @Override
          public void start(long size) {
            reading.countDown();
          }

          @Override
          public void accept(ByteBuffer part) {
            try {
              assertThat(enough.await(60, TimeUnit.SECONDS)).isTrue();
            } catch (InterruptedException e) {
              throw new IllegalStateException(e);
            }
          }
        };
    ExecutorService reader = Executors.newSingleThreadExecutor();
    try (RedisBackend backend =
        RedisBackend.connect(server.options().withTimeLimit(LIMIT).withConnections(1))) {
      backend.commit(Transaction.of(new Change.Put(CELL, CONTENT)));
      Future<?> read = reader.submit(() -> backend.read(CELL, slow));
      assertThat(reading.await(20, TimeUnit.SECONDS)).isTrue();

      assertUnavailable(() -> backend.read(CELL), "busy");

      enough.countDown();
      read.get(20, TimeUnit.SECONDS);
      assertThat(backend.read(CELL)).contains(Snapshot.of(CONTENT));
    } finally {
      reader.shutdownNow();
    }
  }

  @Test
  void noWatchIsLeftOnAConnection() {
    server = RedisServer.start();
    Bytes large = Bytes.wrap(new byte[3 << 20]);
    try (RawRedis redis = RawRedis.of(server);
        RedisBackend backend = RedisBackend.connect(server.options().withConnections(1))) {
      redis.ask(Command.SET, KEY, large);
      ContentSink full =
          new ContentSink() {
            @Override
            public void start(long size) {}

            @Override
            public void accept(ByteBuffer part) throws IOException {
              throw new IOException("the disk is full");
            }
          };
      List<Runnable> calls =
          List.of(
              () -> commitInVain(backend),
              () -> readInVain(backend, full),
              () -> backend.read(CELL));
      for (Runnable call : calls) {
        call.run();
        redis.ask(Command.SETRANGE, KEY, 0, "changed");

        // Reads in MULTI and EXEC, which a watch on the key would make fail.
        assertThat(backend.read(CELL, 0, 7).orElseThrow().content())
            .isEqualTo(Bytes.utf8("changed"));
        redis.ask(Command.SETRANGE, KEY, 0, "another");
      }
    }
  }

  @Test
  void aClosedBackendSaysSo() {
    server = RedisServer.start();
    RedisBackend backend = RedisBackend.connect(server.options());
    backend.close();
    backend.close();

    assertUnavailable(() -> backend.read(CELL), "closed");
    assertUnavailable(() -> backend.watch(Bytes.EMPTY, new RecordingListener()), "closed");
  }

  private static void commitInVain(RedisBackend backend) {
    assertThatExceptionOfType(BackendException.class)
        .isThrownBy(
            () ->
                backend.commit(
                    Transaction.builder().expect(CELL, Version.ABSENT).put(CELL, CONTENT).build()));
  }

  private static void readInVain(RedisBackend backend, ContentSink sink) {
    assertThatExceptionOfType(IOException.class).isThrownBy(() -> backend.read(CELL, sink));
  }

  private static void assertUnavailable(ThrowingCallable call, String... words) {
    long start = System.nanoTime();
    assertThatExceptionOfType(BackendUnavailableException.class)
        .isThrownBy(call)
        .withMessageContaining("127.0.0.1:")
        .satisfies(e -> assertThat(List.of(words)).allMatch(e.getMessage()::contains));
    assertThat(since(start)).isLessThan(LIMIT.plus(SLACK));
  }

  private static void assertRefused(ThrowingCallable call, Reason reason) {
    assertThatExceptionOfType(RefusedException.class)
        .isThrownBy(call)
        .satisfies(e -> assertThat(e.reason()).isEqualTo(reason))
        .withMessageContaining("127.0.0.1:")
        .withMessageEndingWith(".");
  }

  private static void assertRefused(String uri, Reason reason, String words) {
    assertThatExceptionOfType(RefusedException.class)
        .isThrownBy(() -> RedisBackend.connect(RedisOptions.of(uri)).close())
        .satisfies(e -> assertThat(e.reason()).isEqualTo(reason))
        .withMessageContaining(words)
        .satisfies(e -> assertThat(e).hasStackTraceContaining("127.0.0.1:"))
        .satisfies(
            e -> {
              StringWriter trace = new StringWriter();
              e.printStackTrace(new PrintWriter(trace));
              assertThat(trace.toString()).doesNotContain("s3cret", "wr0ng");
            });
  }

  private static Duration since(long start) {
    return Duration.ofNanos(System.nanoTime() - start);
  }
}
