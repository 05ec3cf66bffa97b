package io.redisfuse.frontend.files;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.BitSet;
import java.util.Random;
import org.junit.jupiter.api.Test;

class DirtyRangesTest {

  @Test
  void rangesThatTouchBecomeOne() {
    DirtyRanges ranges = new DirtyRanges();
    ranges.add(0, 5);
    ranges.add(10, 15);
    assertThat(ranges.spans())
        .containsExactly(new DirtyRanges.Span(0, 5), new DirtyRanges.Span(10, 15));
    ranges.add(5, 10);
    assertThat(ranges.spans()).containsExactly(new DirtyRanges.Span(0, 15));
    assertThat(ranges.total()).isEqualTo(15);
    ranges.add(3, 3);
    assertThat(ranges.total()).isEqualTo(15);
  }

  @Test
  void randomRangesAreWhatABitForEachByteWouldSay() {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    for (int round = 0; round < 200; round++) {
      DirtyRanges ranges = new DirtyRanges();
      BitSet bits = new BitSet();
      for (int step = 0; step < 30; step++) {
        int start = random.nextInt(100);
        int end = start + random.nextInt(20);
        ranges.add(start, end);
        bits.set(start, end);
        BitSet fromSpans = new BitSet();
        long last = -1;
        for (DirtyRanges.Span span : ranges.spans()) {
          assertThat(span.start()).as("seed %d", seed).isGreaterThan(last);
          fromSpans.set((int) span.start(), (int) span.end());
          last = span.end();
        }
        assertThat(fromSpans).as("seed %d", seed).isEqualTo(bits);
        assertThat(ranges.total()).as("seed %d", seed).isEqualTo(bits.cardinality());
      }
    }
  }
}
