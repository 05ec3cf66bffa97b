package io.redisfuse.it.bench;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiConsumer;
import redis.clients.jedis.Jedis;
import redis.clients.jedis.Pipeline;
import redis.clients.jedis.Response;
import redis.clients.jedis.Transaction;
import redis.clients.jedis.params.ScanParams;
import redis.clients.jedis.resps.ScanResult;

/** The bare calls to Redis that correspond to what a file system is asked, on one connection. */
final class JedisClient implements Client {

  static final String SMALL = "small:f";
  static final String SAVED = "saved:f";
  static final String LISTED = "listed:f";

  private static final int PAGE = 1_000;
  private static final byte[] LARGE = "large".getBytes(UTF_8);
  private static final byte[] SMALL_VALUE = new byte[Sizes.SMALL_BYTES];
  private static final byte[] LARGE_PART = new byte[Sizes.MIB];

  private final Jedis jedis;

  /** {@code jedis} is closed with this. */
  JedisClient(Jedis jedis) {
    this.jedis = jedis;
  }

  @Override
  public void stat(int file) throws IOException {
    require(jedis.strlen(key(SMALL + file)) == Sizes.SMALL_BYTES);
  }

  @Override
  public void read(int file) throws IOException {
    require(jedis.get(key(SMALL + file)).length == Sizes.SMALL_BYTES);
  }

  @Override
  public void create(String name) throws IOException {
    require("OK".equals(jedis.set(key("created:" + name), SMALL_VALUE)));
  }

  @Override
  public void remove(String name) throws IOException {
    require(jedis.del(key("created:" + name)) == 1);
  }

  /** What it takes to notice that somebody else has written: WATCH, GET, MULTI, SET, EXEC. */
  @Override
  public void overwrite(int file) throws IOException {
    byte[] key = key(SAVED + file);
    jedis.watch(key);
    require(jedis.get(key).length == Sizes.SMALL_BYTES);
    try (Transaction transaction = jedis.multi()) {
      transaction.set(key, SMALL_VALUE);
      require(transaction.exec() != null);
    }
  }

  @Override
  public void replace(int file) throws IOException {
    byte[] temporary = key("saved:new");
    require("OK".equals(jedis.set(temporary, SMALL_VALUE)));
    require("OK".equals(jedis.rename(temporary, key(SAVED + file))));
  }

  @Override
  public void list() throws IOException {
    List<Response<Long>> sizes = new ArrayList<>();
    scan((pipeline, key) -> sizes.add(pipeline.strlen(key)));
    require(
        sizes.stream().filter(size -> size.get() == Sizes.SMALL_BYTES).count()
            >= Sizes.LISTED_FILES);
  }

  @Override
  public void find() throws IOException {
    List<byte[]> keys = new ArrayList<>();
    scan((pipeline, key) -> keys.add(key));
    require(keys.size() >= Sizes.LISTED_FILES);
  }

  private void scan(BiConsumer<Pipeline, byte[]> each) {
    byte[] cursor = ScanParams.SCAN_POINTER_START_BINARY;
    ScanParams page = new ScanParams().count(PAGE).match(LISTED + "*");
    do {
      ScanResult<byte[]> keys = jedis.scan(cursor, page);
      try (Pipeline pipeline = jedis.pipelined()) {
        keys.getResult().forEach(key -> each.accept(pipeline, key));
      }
      cursor = keys.getCursorAsBytes();
    } while (!(cursor.length == 1 && cursor[0] == '0'));
  }

  @Override
  public void status() {
    throw new UnsupportedOperationException("Redis knows no repositories");
  }

  @Override
  public void search() {
    throw new UnsupportedOperationException("Redis searches no values");
  }

  @Override
  public void writeLarge() throws IOException {
    jedis.del(LARGE);
    for (int i = 0; i < Sizes.LARGE_MIB; i++) {
      require(jedis.setrange(LARGE, (long) i * Sizes.MIB, LARGE_PART) > 0);
    }
  }

  @Override
  public void readLarge() throws IOException {
    for (int i = 0; i < Sizes.LARGE_MIB; i++) {
      long start = (long) i * Sizes.MIB;
      require(jedis.getrange(LARGE, start, start + Sizes.MIB - 1).length == Sizes.MIB);
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
