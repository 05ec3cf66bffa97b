package io.redisfuse.frontend.files;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;

/**
 * The files that nobody has open any more, but whose content is still here: so that who opens one
 * of them next need not wait for the backend, as long as the feed has told of no change. What is
 * too much goes, those first that were closed first.
 *
 * <p>Safe for threads; calls files only where it says so.
 */
final class RecentContents {

  /** Small contents are on the heap, large ones in temporary files. */
  private static final long MOST_HEAP = 64L << 20;

  private static final long MOST_DISK = 512L << 20;

  /** What a content takes beside its bytes, about. */
  private static final int OVERHEAD = 200;

  /** When there is too much, so much less than the most is left, so that it is not so at once. */
  private static final double LEFT = 7.0 / 8;

  /**
   * What a content takes.
   *
   * @param turn which of all it was that was closed
   */
  private record Taken(long heap, long disk, long turn) {}

  private record Closed(FileNode node, Taken taken) {}

  private final Map<FileNode, Taken> closed = new ConcurrentHashMap<>();
  private final AtomicLong turns = new AtomicLong();
  private final LongAdder heap = new LongAdder();
  private final LongAdder disk = new LongAdder();

  private final long mostHeap;
  private final long mostDisk;

  RecentContents() {
    this(MOST_HEAP, MOST_DISK);
  }

  /**
   * @param mostHeap how many bytes of the heap contents may take together
   * @param mostDisk and how many bytes of temporary files
   */
  RecentContents(long mostHeap, long mostDisk) {
    this.mostHeap = mostHeap;
    this.mostDisk = mostDisk;
  }

  /** A file was closed, and its content is here. The file may be locked. */
  void closed(FileNode node, long size) {
    long turn = turns.incrementAndGet();
    Taken taken =
        size > Content.HEAP_LIMIT
            ? new Taken(OVERHEAD, size, turn)
            : new Taken(size + OVERHEAD, 0, turn);
    forgotten(closed.put(node, taken));
    heap.add(taken.heap());
    disk.add(taken.disk());
  }

  /** A file is open again, or what it held is here no more. The file may be locked. */
  void forget(FileNode node) {
    forgotten(closed.remove(node));
  }

  private void forgotten(Taken taken) {
    if (taken != null) {
      heap.add(-taken.heap());
      disk.add(-taken.disk());
    }
  }

  /** Lets go of what is too much. Locks files, one after the other. */
  void trim() {
    if (isTooMuch()) {
      for (FileNode node : takeTooMuch()) {
        node.file().unloadIfClosed();
      }
    }
  }

  private boolean isTooMuch() {
    return heap.sum() > mostHeap || disk.sum() > mostDisk;
  }

  private synchronized List<FileNode> takeTooMuch() {
    List<FileNode> much = new ArrayList<>();
    if (!isTooMuch()) {
      // Somebody else has done it meanwhile.
      return much;
    }
    List<Closed> all = new ArrayList<>();
    closed.forEach((node, taken) -> all.add(new Closed(node, taken)));
    all.sort(Comparator.comparingLong(each -> each.taken().turn()));
    for (Closed oldest : all) {
      boolean isHeapFull = heap.sum() > mostHeap * LEFT;
      if (!isHeapFull && disk.sum() <= mostDisk * LEFT) {
        break;
      }
      // What is too much of the one is not mended by letting go of the other.
      if ((isHeapFull || oldest.taken().disk() > 0)
          && closed.remove(oldest.node(), oldest.taken())) {
        forgotten(oldest.taken());
        much.add(oldest.node());
      }
    }
    return much;
  }

  /** How many contents are here. */
  int size() {
    return closed.size();
  }
}
