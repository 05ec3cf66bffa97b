package io.redisfuse.backend.redis;

import io.redisfuse.api.Backend;
import io.redisfuse.api.BackendContract;
import io.redisfuse.api.Bytes;
import io.redisfuse.api.Element;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

/** The Redis backend does what every backend does, on a real server. */
final class RedisBackendContractTest extends BackendContract {

  private static RedisServer server;
  private static RawRedis redis;

  @BeforeAll
  static void startServer() {
    server = RedisServer.start();
    redis = RawRedis.of(server);
  }

  @AfterAll
  static void stopServer() {
    redis.close();
    server.close();
  }

  @Override
  protected Backend createBackend() {
    return RedisBackend.connect(server.options());
  }

  @Override
  protected Backend openAnother() {
    return createBackend();
  }

  @Override
  public void makeList(Bytes key, List<Bytes> items) {
    ContractElements.makeList(redis, key, items);
  }

  @Override
  public void makeSet(Bytes key, List<Bytes> members) {
    ContractElements.makeSet(redis, key, members);
  }

  @Override
  public void makeSortedSet(Bytes key, List<Element.ScoredMember> members) {
    ContractElements.makeSortedSet(redis, key, members);
  }

  @Override
  public void makeStream(Bytes key, List<Element.StreamEntry> entries) {
    ContractElements.makeStream(redis, key, entries);
  }
}
