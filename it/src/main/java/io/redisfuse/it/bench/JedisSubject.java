package io.redisfuse.it.bench;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import redis.clients.jedis.Jedis;
import redis.clients.jedis.Pipeline;
import redis.clients.jedis.Response;
import redis.clients.jedis.params.ScanParams;
import redis.clients.jedis.resps.ScanResult;

/** The bare calls to Redis that correspond to what a file system is asked, on one connection. */
final class JedisSubject implements Subject {

  private static final int PAGE = 1_000;
  private static final byte[] SMALL = new byte[Sizes.SMALL_BYTES];
  private static final byte[] LARGE_PART = new byte[Sizes.MIB];

  private final Jedis jedis;

  JedisSubject(int port) {
    jedis = new Jedis("127.0.0.1", port, 60_000);
  }

  @Override
  public String name() {
    return "jedis";
  }

  @Override
  public void prepare() {
    try (Pipeline pipeline = jedis.pipelined()) {
      for (int i = 0; i < Sizes.SMALL_FILES; i++) {
        pipeline.set(key("small:f" + i), SMALL);
      }
      for (int i = 0; i < Sizes.LISTED_FILES; i++) {
        pipeline.set(key("listed:f" + i), SMALL);
      }
    }
  }

  @Override
  public void stat(int file) throws IOException {
    require(jedis.strlen(key("small:f" + file)) == Sizes.SMALL_BYTES);
  }

  @Override
  public void read(int file) throws IOException {
    require(jedis.get(key("small:f" + file)).length == Sizes.SMALL_BYTES);
  }

  @Override
  public void create(String name) throws IOException {
    require("OK".equals(jedis.set(key(name), SMALL)));
  }

  @Override
  public void remove(String name) throws IOException {
    require(jedis.del(key(name)) == 1);
  }

  @Override
  public int list() {
    int entries = 0;
    byte[] cursor = ScanParams.SCAN_POINTER_START_BINARY;
    ScanParams page = new ScanParams().count(PAGE).match("listed:*");
    do {
      ScanResult<byte[]> keys = jedis.scan(cursor, page);
      List<Response<Long>> sizes = new ArrayList<>();
      try (Pipeline pipeline = jedis.pipelined()) {
        keys.getResult().forEach(key -> sizes.add(pipeline.strlen(key)));
      }
      for (Response<Long> size : sizes) {
        if (size.get() == Sizes.SMALL_BYTES) {
          entries++;
        }
      }
      cursor = keys.getCursorAsBytes();
    } while (!(cursor.length == 1 && cursor[0] == '0'));
    return entries;
  }

  @Override
  public void writeLarge() throws IOException {
    jedis.del(key("large"));
    for (int i = 0; i < Sizes.LARGE_MIB; i++) {
      require(jedis.setrange(key("large"), (long) i * Sizes.MIB, LARGE_PART) > 0);
    }
  }

  @Override
  public void readLarge() throws IOException {
    for (int i = 0; i < Sizes.LARGE_MIB; i++) {
      long start = (long) i * Sizes.MIB;
      require(jedis.getrange(key("large"), start, start + Sizes.MIB - 1).length == Sizes.MIB);
    }
  }

  private static byte[] key(String name) {
    return name.getBytes(UTF_8);
  }

  private static void require(boolean right) throws IOException {
    if (!right) {
      throw new IOException("Redis gives something wrong");
    }
  }

  @Override
  public void close() {
    jedis.close();
  }
}
