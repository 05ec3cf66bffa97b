package io.redisfuse.frontend.files;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Which bytes of a file were written: disjoint ranges that do not touch. Not safe for threads. */
final class DirtyRanges {

  /** From {@code start} (inclusive) to {@code end} (exclusive). */
  record Span(long start, long end) {
    long length() {
      return end - start;
    }
  }

  private final TreeMap<Long, Long> endByStart = new TreeMap<>();
  private long total;

  void add(long start, long end) {
    if (start >= end) {
      return;
    }
    long from = start;
    long to = end;
    Map.Entry<Long, Long> before = endByStart.floorEntry(start);
    if (before != null && before.getValue() >= start) {
      from = before.getKey();
    }
    for (Map.Entry<Long, Long> touched = endByStart.ceilingEntry(from);
        touched != null && touched.getKey() <= to;
        touched = endByStart.ceilingEntry(from)) {
      to = Math.max(to, touched.getValue());
      total -= touched.getValue() - touched.getKey();
      endByStart.remove(touched.getKey());
    }
    endByStart.put(from, to);
    total += to - from;
  }

  /** How many bytes are in the ranges. */
  long total() {
    return total;
  }

  /** In order. */
  List<Span> spans() {
    List<Span> spans = new ArrayList<>(endByStart.size());
    endByStart.forEach((start, end) -> spans.add(new Span(start, end)));
    return spans;
  }
}
