package io.redisfuse.backend.redis;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.redisfuse.api.Bytes;
import redis.clients.jedis.util.JedisClusterCRC16;

/** Which of the 16,384 parts of a cluster's keys a key belongs to. */
final class Slot {

  static final int COUNT = 16_384;

  private Slot() {}

  static int of(Bytes key) {
    return JedisClusterCRC16.getSlot(key.unsafeArray());
  }

  /**
   * A key of ours in a slot of our choice: {@code name} and a hash tag, which is found by trying.
   */
  static Bytes key(String name, int slot) {
    for (int number = 0; ; number++) {
      byte[] tag = Integer.toString(number).getBytes(US_ASCII);
      if (JedisClusterCRC16.getCRC16(tag) % COUNT == slot) {
        return Bytes.utf8(name + ":{" + number + "}");
      }
    }
  }
}
