package io.redisfuse.backend.redis;

import io.redisfuse.api.Backend;
import io.redisfuse.api.BackendUnavailableException;
import io.redisfuse.api.Bytes;
import io.redisfuse.api.Cell;
import io.redisfuse.api.CellStatus;
import io.redisfuse.api.ChangeListener;
import io.redisfuse.api.ContentSink;
import io.redisfuse.api.Durability;
import io.redisfuse.api.Element;
import io.redisfuse.api.FieldStatus;
import io.redisfuse.api.KeyVisitor;
import io.redisfuse.api.Range;
import io.redisfuse.api.RefusedException;
import io.redisfuse.api.Snapshot;
import io.redisfuse.api.Subscription;
import io.redisfuse.api.Transaction;
import io.redisfuse.api.Version;
import java.io.IOException;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import redis.clients.jedis.Protocol.Command;
import redis.clients.jedis.exceptions.JedisConnectionException;

/**
 * The keys of one database of a Redis server, 6.0 or later. Where the server does not know or
 * permit HELLO or CLIENT, all but {@link #watch} works.
 *
 * <p>All keys are the user's own, as they are, but for these:
 *
 * <table>
 *   <caption>Reserved keys</caption>
 *   <tr><th>Key</th><th>Type</th><th>Holds</th><th>Lives</th></tr>
 *   <tr><td>{@code .redisfuse:sync}</td><td>string</td><td>nothing; it is written so that {@link
 *       #sync} has something to wait for</td><td>10 s</td></tr>
 *   <tr><td>{@code .redisfuse:commit:…}</td><td>string</td><td>the number of the commit that was
 *       applied last of those that use the key, so that one whose answer was lost can find out
 *       whether it was; no scan and no feed tells of it</td><td>twice the time limit, and 10
 *       s</td></tr>
 * </table>
 *
 * <p><b>Concurrency.</b> Safe for threads. Each call takes a connection from a bounded pool for
 * itself and gives it back; nothing else is shared but what is known of the server's scripts. Two
 * threads for each feed hear of changes and tell its listener, and one clock thread ends calls that
 * outlast the time limit and sends the heartbeats of the feeds. Rivals for a cell, here and
 * elsewhere, meet on the server: see {@code Commits}.
 */
public final class RedisBackend implements Backend {

  /** How long a server that did not answer in time is left alone. */
  static final Duration RESPITE = Duration.ofSeconds(1);

  private final ScheduledExecutorService clock;
  private final Connections connections;
  private final Part part;
  private final Durabilities durabilities;
  private final Set<ChangeFeed> feeds = ConcurrentHashMap.newKeySet();

  private RedisBackend(RedisOptions options, Duration respite) {
    clock = clock();
    connections = new Connections(options, clock);
    connections.tellOfMoves(() -> feeds.forEach(ChangeFeed::cut));
    part =
        Part.of(
            connections,
            Part.Memory.ofNewServer(options.listener(), respite, new TtlKeeping(connections)),
            options.timeLimit(),
            options.scanPause(),
            (key, redirection) -> {
              throw redirection;
            });
    durabilities = new Durabilities(part.calls(), connections, Bytes.utf8(Durabilities.SYNC_KEY));
  }

  /**
   * Connects to a server. Does not wait for one that is not there, but for one that starts.
   *
   * @throws BackendUnavailableException if no Redis answers at the address
   * @throws RefusedException with {@code NOT_PERMITTED} if it wants a password, or another one;
   *     with {@code UNSUPPORTED} if it has no such database
   */
  public static RedisBackend connect(RedisOptions options) {
    return connect(options, RESPITE);
  }

  /** As {@link #connect(RedisOptions)}; a server that does not answer is left alone so long. */
  static RedisBackend connect(RedisOptions options, Duration respite) {
    RedisBackend backend = new RedisBackend(options, respite);
    try {
      backend.greet();
      return backend;
    } catch (RuntimeException e) {
      backend.close();
      throw e;
    }
  }

  private void greet() {
    Deadline deadline = part.calls().deadline();
    part.calls()
        .repeat(
            () ->
                part.calls()
                    .attempt(
                        deadline,
                        "answer",
                        () -> {
                          try {
                            return connections.use(
                                deadline,
                                wire -> {
                                  boolean answers = wire.ping();
                                  requireAllKeys(wire);
                                  return answers;
                                });
                          } catch (JedisConnectionException e) {
                            throw notThere(e);
                          }
                        }));
  }

  private void requireAllKeys(Wire wire) {
    Object reply = wire.ask(List.of(Commands.command(Command.INFO, "cluster"))).get(0);
    // Who may not ask finds out at the first key that is elsewhere.
    if (reply instanceof byte[] said && Bytes.wrap(said).toUtf8().contains("cluster_enabled:1")) {
      throw ErrorReplies.nodeOfCluster(part.calls().address(), /* cause= */ null);
    }
  }

  private BackendUnavailableException notThere(JedisConnectionException e) {
    return new BackendUnavailableException(
        Reasons.ofTls(e)
            .map(
                reason ->
                    "Redis at " + part.calls().address() + " is not spoken to: " + reason + ".")
            .orElseGet(
                () ->
                    "No Redis answers at "
                        + part.calls().address()
                        + " ("
                        + Reasons.of(e)
                        + connections.tlsHint(e)
                        + "); start one there or give another address with --uri."),
        e);
  }

  @Override
  public void scan(Bytes prefix, KeyVisitor visitor) {
    part.keyspace().scan(prefix, visitor);
  }

  @Override
  public Map<Cell, CellStatus> describe(Collection<? extends Cell> which) {
    return part.keyspace().describe(which);
  }

  @Override
  public Map<Bytes, List<FieldStatus>> fields(Collection<Bytes> keys) {
    return part.keyspace().fields(keys);
  }

  @Override
  public Optional<Snapshot> read(Cell cell) {
    return part.cells().read(cell);
  }

  @Override
  public Optional<Version> read(Cell cell, ContentSink sink) throws IOException {
    return part.cells().read(cell, sink);
  }

  @Override
  public Version version(Cell cell) {
    return part.cells().version(cell);
  }

  @Override
  public Optional<Range> read(Cell cell, long offset, int length) {
    return part.cells().read(cell, offset, length);
  }

  @Override
  public List<Element> elements(Bytes key) {
    return part.elements().elements(key);
  }

  @Override
  public void commit(Transaction transaction) {
    part.commits().commit(transaction);
  }

  /**
   * {@inheritDoc}
   *
   * <p>A feed whose connection is lost is never given up. As long as there is none, it tells a
   * reset from time to time.
   *
   * @throws RefusedException with {@code UNSUPPORTED} if the server does not know CLIENT TRACKING
   *     on RESP3, which is since Redis 6.0; with {@code NOT_PERMITTED} if the user may not use it
   */
  @Override
  public Subscription watch(Bytes prefix, ChangeListener listener) {
    ChangeFeed feed =
        ChangeFeed.start(connections, part.calls(), clock, prefix, listener, feeds::remove);
    feeds.add(feed);
    if (connections.isClosed()) {
      // It may have been added too late to be closed with the others.
      feed.close();
    }
    return feed;
  }

  @Override
  public void sync(Durability durability) {
    durabilities.sync(durability);
  }

  @Override
  public void close() {
    connections.close();
    List.copyOf(feeds).forEach(ChangeFeed::close);
    clock.shutdownNow();
  }

  /** Runs what must happen from time to time. */
  static ScheduledExecutorService clock() {
    ScheduledThreadPoolExecutor clock =
        new ScheduledThreadPoolExecutor(
            1,
            task -> {
              Thread thread = new Thread(task, "redisfuse-clock");
              thread.setDaemon(true);
              return thread;
            });
    clock.setRemoveOnCancelPolicy(true);
    return clock;
  }
}
