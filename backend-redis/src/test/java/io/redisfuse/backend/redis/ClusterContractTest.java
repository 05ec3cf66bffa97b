package io.redisfuse.backend.redis;

import io.redisfuse.api.Backend;
import io.redisfuse.api.BackendContract;
import io.redisfuse.api.Bytes;
import io.redisfuse.api.Element;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;

/** The backend on a cluster does what every backend does. */
@Tag("server")
final class ClusterContractTest extends BackendContract {

  private static ClusterSet cluster;

  @BeforeAll
  static void startCluster() {
    cluster = ClusterSet.ofMasters(3);
  }

  @AfterAll
  static void stopCluster() {
    cluster.close();
  }

  @Override
  protected Backend createBackend() {
    return RedisBackends.connect(cluster.options());
  }

  @Override
  protected Backend openAnother() {
    return createBackend();
  }

  @Override
  public void makeList(Bytes key, List<Bytes> items) {
    try (RawRedis redis = owner(key)) {
      ContractElements.makeList(redis, key, items);
    }
  }

  @Override
  public void makeSet(Bytes key, List<Bytes> members) {
    try (RawRedis redis = owner(key)) {
      ContractElements.makeSet(redis, key, members);
    }
  }

  @Override
  public void makeSortedSet(Bytes key, List<Element.ScoredMember> members) {
    try (RawRedis redis = owner(key)) {
      ContractElements.makeSortedSet(redis, key, members);
    }
  }

  @Override
  public void makeStream(Bytes key, List<Element.StreamEntry> entries) {
    try (RawRedis redis = owner(key)) {
      ContractElements.makeStream(redis, key, entries);
    }
  }

  private static RawRedis owner(Bytes key) {
    int slot = Slot.of(key);
    int index = 0;
    while ((index + 1) * Slot.COUNT / 3 <= slot) {
      index++;
    }
    return RawRedis.of(cluster.servers().get(index));
  }
}
