package io.redisfuse.frontend.files;

import io.redisfuse.api.Version;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.Set;

/** What was done to a file since its last save. Not safe for threads. */
final class Edit {

  /** How the new content relates to what the backend holds. */
  enum Shape {
    /** Only bytes at the end, by handles that are open for appending. */
    APPENDED,
    /** Some ranges were written. */
    PATCHED,
    /** Everything may differ: truncated, or new. */
    REWRITTEN
  }

  private final Set<Version> bases = new LinkedHashSet<>();
  private final Set<ProcessId> authors = new LinkedHashSet<>();
  private final DirtyRanges ranges = new DirtyRanges();
  private Content appended;
  private Shape shape;
  private boolean written;
  private final Set<Version> tried = new HashSet<>();

  Edit(Shape shape) {
    this.shape = shape;
    if (shape == Shape.APPENDED) {
      appended = Content.empty();
    }
  }

  Shape shape() {
    return shape;
  }

  boolean isAppended() {
    return shape == Shape.APPENDED;
  }

  /** From now on the content as a whole is what will be saved. */
  void rewritten() {
    shape = Shape.REWRITTEN;
    dropAppended();
  }

  /** The appended bytes have become part of the content, where they fill the given range. */
  void patched(long start, long end) {
    shape = Shape.PATCHED;
    ranges.add(start, end);
    dropAppended();
  }

  /** Bytes that wait to be appended; only of the shape {@code APPENDED}. */
  Content appended() {
    return appended;
  }

  /**
   * The versions on which writers based what they wrote, the first writer's first; the save expects
   * all of them.
   */
  Set<Version> bases() {
    return bases;
  }

  /** The processes that wrote, as far as they are known. */
  Set<ProcessId> authors() {
    return authors;
  }

  DirtyRanges ranges() {
    return ranges;
  }

  /** Something was written after the open that created or truncated the file. */
  boolean isWritten() {
    return written;
  }

  void written() {
    written = true;
  }

  /** Whether this is what an earlier try, which may have succeeded, was to save. */
  boolean tried(Version version) {
    return tried.contains(version);
  }

  void outcomeUnknown(Version version) {
    tried.add(version);
  }

  /** An earlier try did succeed, so the next is based on it, and on nothing else. */
  void basedOn(Version version) {
    bases.clear();
    bases.add(version);
    tried.remove(version);
  }

  void close() {
    dropAppended();
  }

  private void dropAppended() {
    if (appended != null) {
      appended.close();
      appended = null;
    }
  }
}
