package io.redisfuse.it.bench;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.util.Set;
import redis.clients.jedis.Jedis;
import redis.clients.jedis.Pipeline;

/** Redis itself, on a server that no mount uses. */
final class JedisSubject implements Subject {

  private final RedisServer server;

  JedisSubject(RedisServer server) {
    this.server = server;
  }

  @Override
  public SubjectName name() {
    return SubjectName.JEDIS;
  }

  @Override
  public void prepare(Set<Area> areas) throws IOException {
    byte[] value = new byte[Sizes.SMALL_BYTES];
    try (Jedis jedis = server.connect();
        Pipeline pipeline = jedis.pipelined()) {
      fill(pipeline, JedisClient.SMALL, Sizes.SMALL_FILES, value);
      fill(pipeline, JedisClient.SAVED, Sizes.SAVED_FILES, value);
      fill(pipeline, JedisClient.LISTED, Sizes.LISTED_FILES, value);
    }
  }

  private static void fill(Pipeline pipeline, String prefix, int count, byte[] value) {
    for (int i = 0; i < count; i++) {
      pipeline.set((prefix + i).getBytes(UTF_8), value);
    }
  }

  @Override
  public JedisClient client() {
    return new JedisClient(server.connect());
  }

  @Override
  public Meter meter() {
    return Meter.NONE;
  }

  @Override
  public void close() {
    // The server belongs to whoever started it.
  }
}
