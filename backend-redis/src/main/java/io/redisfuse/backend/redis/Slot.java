package io.redisfuse.backend.redis;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.redisfuse.api.Bytes;
import java.util.function.IntPredicate;
import redis.clients.jedis.util.JedisClusterCRC16;

/** Which of the 16,384 parts of a cluster's keys a key belongs to. */
final class Slot {

  static final int COUNT = 16_384;

  private Slot() {}

  static int of(Bytes key) {
    return JedisClusterCRC16.getSlot(key.unsafeArray());
  }

  /**
   * A key of ours in a slot that will do: {@code name} and a hash tag, which is found by trying.
   * There is one for each slot.
   */
  static Bytes key(String name, IntPredicate wanted) {
    for (int number = 0; ; number++) {
      byte[] tag = Integer.toString(number).getBytes(US_ASCII);
      if (wanted.test(JedisClusterCRC16.getSlot(tag))) {
        return Bytes.utf8(name + ":{" + number + "}");
      }
    }
  }
}
