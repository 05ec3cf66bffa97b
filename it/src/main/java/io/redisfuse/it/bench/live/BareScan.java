package io.redisfuse.it.bench.live;

import java.util.Arrays;
import redis.clients.jedis.Jedis;
import redis.clients.jedis.Pipeline;
import redis.clients.jedis.params.ScanParams;
import redis.clients.jedis.resps.ScanResult;

/** What finding all keys costs at least: SCAN in a loop, on one connection. */
enum BareScan {
  KEYS {
    @Override
    void look(Jedis client, ScanResult<byte[]> page) {
      // The keys are all that is wanted.
    }
  },

  KEYS_AND_TYPES {
    @Override
    void look(Jedis client, ScanResult<byte[]> page) {
      try (Pipeline pipeline = client.pipelined()) {
        page.getResult().forEach(pipeline::type);
      }
    }
  };

  private static final ScanParams PAGE = new ScanParams().count(1_000);

  abstract void look(Jedis client, ScanResult<byte[]> page);

  /** Returns the seconds that it takes. */
  double run(Server server) {
    try (Jedis client = server.client()) {
      long start = System.nanoTime();
      byte[] cursor = ScanParams.SCAN_POINTER_START_BINARY;
      do {
        ScanResult<byte[]> page = client.scan(cursor, PAGE);
        look(client, page);
        cursor = page.getCursorAsBytes();
      } while (!Arrays.equals(cursor, ScanParams.SCAN_POINTER_START_BINARY));
      return (System.nanoTime() - start) / 1e9;
    }
  }
}
