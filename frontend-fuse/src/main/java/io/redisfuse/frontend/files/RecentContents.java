package io.redisfuse.frontend.files;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

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

  /** What a content takes. */
  private record Taken(long heap, long disk) {}

  /** The one that was closed first is first; guarded by itself, like all below. */
  private final LinkedHashMap<FileNode, Taken> closed = new LinkedHashMap<>();

  private final long mostHeap;
  private final long mostDisk;
  private long heap;
  private long disk;

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
    Taken taken =
        size > Content.HEAP_LIMIT ? new Taken(OVERHEAD, size) : new Taken(size + OVERHEAD, 0);
    synchronized (closed) {
      forget(node);
      closed.put(node, taken);
      heap += taken.heap();
      disk += taken.disk();
    }
  }

  /** A file is open again, or what it held is here no more. The file may be locked. */
  void forget(FileNode node) {
    synchronized (closed) {
      Taken taken = closed.remove(node);
      if (taken != null) {
        heap -= taken.heap();
        disk -= taken.disk();
      }
    }
  }

  /** Lets go of what is too much. Locks files, one after the other. */
  void trim() {
    List<FileNode> much = new ArrayList<>();
    synchronized (closed) {
      Iterator<Map.Entry<FileNode, Taken>> oldest = closed.entrySet().iterator();
      while ((heap > mostHeap || disk > mostDisk) && oldest.hasNext()) {
        Map.Entry<FileNode, Taken> entry = oldest.next();
        // What is too much of the one is not mended by letting go of the other.
        if (heap > mostHeap || entry.getValue().disk() > 0) {
          oldest.remove();
          heap -= entry.getValue().heap();
          disk -= entry.getValue().disk();
          much.add(entry.getKey());
        }
      }
    }
    for (FileNode node : much) {
      node.file().unloadIfClosed();
    }
  }

  /** How many contents are here. */
  int size() {
    synchronized (closed) {
      return closed.size();
    }
  }
}
