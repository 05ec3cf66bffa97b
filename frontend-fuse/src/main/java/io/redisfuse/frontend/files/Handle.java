package io.redisfuse.frontend.files;

import io.redisfuse.api.Version;
import java.util.Objects;
import java.util.Optional;

/** One open of a file. Its mutable state is guarded by the lock of its {@link OpenFile}. */
final class Handle {

  private final FileNode node;
  private final OpenMode mode;
  private final Optional<ProcessId> process;
  private final Optional<Seen> seenBefore;
  private View view;
  private Version base;
  private Version seen;
  private FsException failure;
  private boolean dirty;
  private boolean stale;
  private boolean lost;
  private boolean forBackup;
  private boolean bypassesCache;
  private boolean keepsCache;
  private boolean begun;
  private boolean reachedEnd;
  private volatile boolean outdates;
  private volatile long number;

  /**
   * @param process who opened the file, if that is known
   * @param seenBefore what that process had seen of the file before
   */
  Handle(FileNode node, OpenMode mode, Optional<ProcessId> process, Optional<Seen> seenBefore) {
    this.node = Objects.requireNonNull(node);
    this.mode = Objects.requireNonNull(mode);
    this.process = Objects.requireNonNull(process);
    this.seenBefore = Objects.requireNonNull(seenBefore);
  }

  FileNode node() {
    return node;
  }

  /** The number that the kernel knows it by, as soon as it has one. */
  long number() {
    return number;
  }

  void number(long given) {
    number = given;
  }

  OpenMode mode() {
    return mode;
  }

  Optional<ProcessId> process() {
    return process;
  }

  /** What the process had seen of the file when it opened it. */
  Optional<Seen> seenBefore() {
    return seenBefore;
  }

  /**
   * Whether it makes a difference that the process reads this version: it had read another one, or
   * was only told of it by a rejection.
   */
  boolean hadSeenElse(Version version) {
    return process.isPresent()
        && seenBefore
            .filter(s -> s.rejection().isPresent() || (s.read() && !s.version().equals(version)))
            .isPresent();
  }

  /** What the handle sees; set by the open. */
  View view() {
    return view;
  }

  void view(View seenView) {
    view = seenView;
  }

  /**
   * The version that a save through this handle expects, if it is known yet: of a large value it is
   * known when the value is first read.
   */
  Optional<Version> base() {
    return Optional.ofNullable(base);
  }

  void base(Version version) {
    base = version;
  }

  /** The version that was read through this handle, if any was. */
  Optional<Version> seen() {
    return Optional.ofNullable(seen);
  }

  void seen(Version version) {
    seen = version;
  }

  /** Whether something written through this handle waits to be saved. */
  boolean isDirty() {
    return dirty;
  }

  void dirty() {
    dirty = true;
  }

  void clean() {
    dirty = false;
  }

  /**
   * Whether it was known at the open already that the process has not seen what is there, so that
   * nothing that it writes can be saved.
   */
  boolean isStale() {
    return stale;
  }

  void stale() {
    stale = true;
  }

  /** The process has seen what is there, after all: it has read it through this handle. */
  void fresh() {
    stale = false;
  }

  /** Whether somebody else took the name away, so that nothing written can be saved any more. */
  boolean isLost() {
    return lost;
  }

  void lost() {
    lost = true;
  }

  /** Whether what is read through this handle is for a backup, which nobody sees. */
  boolean isForBackup() {
    return forBackup;
  }

  void forBackup() {
    forBackup = true;
  }

  /** Whether the handle must not share a cache with handles of other processes. */
  boolean bypassesCache() {
    return bypassesCache;
  }

  void bypassCache() {
    bypassesCache = true;
  }

  /** Something was read, perhaps up to the end of what the handle sees. */
  void read(long offset, boolean toTheEnd) {
    begun |= offset == 0;
    reachedEnd |= begun && toTheEnd;
  }

  /** Whether the beginning was read. */
  boolean hasBegun() {
    return begun;
  }

  /** Whether all was read, so that what is read from the beginning is another reading. */
  boolean hasReachedEnd() {
    return reachedEnd;
  }

  /** What is read from now on is another content. */
  void beginAnew() {
    begun = false;
    reachedEnd = false;
  }

  /** What the kernel has cached is what the handle sees. */
  void keepCache() {
    keepsCache = true;
  }

  /** Whether it was, when the handle was opened. */
  boolean keepsCache() {
    return keepsCache;
  }

  /** What the handle sees is of another size than was said of the file. */
  void outdates() {
    outdates = true;
  }

  /** Whether it is; says so once. May be called without the lock. */
  boolean takeOutdated() {
    boolean was = outdates;
    if (was) {
      outdates = false;
    }
    return was;
  }

  /** Why what was written through this handle was rejected, if it was. */
  Optional<FsException> failure() {
    return Optional.ofNullable(failure);
  }

  void fail(FsException why) {
    failure = why;
  }
}
