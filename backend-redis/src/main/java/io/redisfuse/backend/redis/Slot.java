package io.redisfuse.backend.redis;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.redisfuse.api.Bytes;
import java.util.Arrays;
import java.util.function.IntPredicate;
import redis.clients.jedis.util.JedisClusterCRC16;

/** Which of the 16,384 parts of a cluster's keys a key belongs to. */
final class Slot {

  static final int COUNT = 16_384;

  /** Of each slot the smallest number that is in it, as a key; made when one is asked for. */
  private static final class Numbers {
    private static final int[] BY_SLOT = new int[COUNT];

    static {
      Arrays.fill(BY_SLOT, -1);
      int found = 0;
      for (int number = 0; found < COUNT; number++) {
        int slot = JedisClusterCRC16.getSlot(Integer.toString(number).getBytes(US_ASCII));
        if (BY_SLOT[slot] < 0) {
          BY_SLOT[slot] = number;
          found++;
        }
      }
    }

    private Numbers() {}
  }

  private Slot() {}

  static int of(Bytes key) {
    return JedisClusterCRC16.getSlot(key.unsafeArray());
  }

  /** The smallest number that is in a slot, as a key or as the hash tag of one. */
  static int number(int slot) {
    return Numbers.BY_SLOT[slot];
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
