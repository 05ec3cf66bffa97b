package io.redisfuse.backend.redis;

import io.redisfuse.api.Backend;
import io.redisfuse.api.BackendContract;
import io.redisfuse.api.Bytes;
import io.redisfuse.api.Element;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.testcontainers.containers.GenericContainer;
import org.testcontainers.junit.jupiter.Container;
import org.testcontainers.junit.jupiter.Testcontainers;
import org.testcontainers.utility.DockerImageName;

/** The contract on the newest Redis, where there is Docker. */
@Testcontainers(disabledWithoutDocker = true)
final class ContainerContractTest extends BackendContract {

  private static final int PORT = 6379;

  @Container
  private static final GenericContainer<?> SERVER =
      new GenericContainer<>(DockerImageName.parse("redis:8-alpine")).withExposedPorts(PORT);

  private static RawRedis redis;

  @BeforeAll
  static void connect() {
    redis = RawRedis.at(SERVER.getHost(), SERVER.getMappedPort(PORT));
  }

  @AfterAll
  static void disconnect() {
    redis.close();
  }

  @Override
  protected Backend createBackend() {
    return RedisBackend.connect(
        RedisOptions.of("redis://" + SERVER.getHost() + ":" + SERVER.getMappedPort(PORT)));
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
