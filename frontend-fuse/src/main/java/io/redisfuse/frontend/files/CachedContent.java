package io.redisfuse.frontend.files;

import io.redisfuse.api.Version;
import java.util.Optional;

/**
 * What the kernel has cached of a file's content, as far as that is known: at an open it is kept if
 * it is what the handle sees, and else the kernel drops it at the end of the open.
 *
 * <p>Not safe for threads: guarded by the lock of the {@link OpenFile}.
 */
final class CachedContent {

  /** Up to this size the kernel takes a content with the first open. */
  private static final int FILLED_AT_OPEN = 64 << 10;

  private final FileNode node;
  private final Store store;

  /** What all that the kernel has cached is of; null if nobody knows. */
  private Version version;

  /** Whether nobody has opened the file yet, so that the kernel can have nothing of it. */
  private boolean isFresh = true;

  /** The handle with whose first read the cache begins anew; null if there is none. */
  private Handle filling;

  /** And what it then holds. */
  private Version fillingWith;

  CachedContent(FileNode node, Store store) {
    this.node = node;
    this.store = store;
  }

  /** A handle is being opened. */
  void opened(Handle handle) {
    boolean wasFresh = isFresh;
    isFresh = false;
    if (handle.bypassesCache()) {
      return;
    }
    View view = handle.view();
    Optional<Version> seen = view.isLoaded() ? view.version() : Optional.empty();
    if (!view.isClean() || seen.isEmpty()) {
      isMixed();
      return;
    }
    if (wasFresh && handle.mode().onlyReads() && fillNow(view)) {
      version = seen.get();
    }
    if (seen.get().equals(version) && mayReadUnnoticed(handle, seen.get())) {
      handle.keepCache();
      // As far as we can know: the kernel does not say what is read of what it has.
      handle.read(0, /* toTheEnd= */ true);
    } else {
      isMixed();
      filling = handle;
      fillingWith = seen.get();
    }
  }

  /**
   * Whether nothing depends on being told when it reads this: what only reads counts as having read
   * it, unless its process had seen something else and may be making a backup; and what its process
   * had seen before is the same.
   */
  private static boolean mayReadUnnoticed(Handle handle, Version seen) {
    return handle.mode().writes()
        ? handle.base().filter(seen::equals).isPresent()
        : !handle.hadSeenElse(seen);
  }

  /** The kernel takes a small content with the open; whether it does. */
  private boolean fillNow(View view) {
    long size = view.content().size();
    return size > 0 && size <= FILLED_AT_OPEN && store.fillCache(node, view.content().bytes());
  }

  /**
   * The kernel reads through a handle, so its open has ended, and what was cached before is gone.
   */
  void read(Handle handle) {
    if (handle == filling) {
      if (handle.view().isClean()
          && handle.view().version().filter(fillingWith::equals).isPresent()) {
        version = fillingWith;
      }
      filling = null;
    }
  }

  void closed(Handle handle) {
    if (handle == filling) {
      filling = null;
    }
  }

  /** Nobody knows what the kernel has cached, or is going to. */
  void isMixed() {
    version = null;
    filling = null;
  }

  /** The kernel knows the file no more, and so nothing of its content. */
  void isForgotten() {
    isMixed();
    isFresh = true;
  }
}
