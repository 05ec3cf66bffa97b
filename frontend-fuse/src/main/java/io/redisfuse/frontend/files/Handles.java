package io.redisfuse.frontend.files;

import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/** The open handles by number. Safe for threads. */
final class Handles {

  /** A collection as it was when it was opened. */
  record OpenCollection(CollectionNode node, Content text) {}

  private final AtomicLong last = new AtomicLong();
  private final Map<Long, Handle> files = new ConcurrentHashMap<>();
  private final Map<Long, OpenCollection> collections = new ConcurrentHashMap<>();
  private final Map<Long, List<DirectoryEntry>> directories = new ConcurrentHashMap<>();

  long add(Handle handle) {
    long number = last.incrementAndGet();
    files.put(number, handle);
    return number;
  }

  long add(OpenCollection collection) {
    long number = last.incrementAndGet();
    collections.put(number, collection);
    return number;
  }

  long add(List<DirectoryEntry> entries) {
    long number = last.incrementAndGet();
    directories.put(number, entries);
    return number;
  }

  Handle file(long number) {
    return known(files.get(number));
  }

  /** Whether the number is that of a collection, which is read-only. */
  boolean isCollection(long number) {
    return collections.containsKey(number);
  }

  OpenCollection collection(long number) {
    return known(collections.get(number));
  }

  List<DirectoryEntry> directory(long number) {
    return known(directories.get(number));
  }

  Handle removeFile(long number) {
    return known(files.remove(number));
  }

  OpenCollection removeCollection(long number) {
    return known(collections.remove(number));
  }

  void removeDirectory(long number) {
    directories.remove(number);
  }

  /** All handles of files that are open now. */
  List<Handle> files() {
    return List.copyOf(files.values());
  }

  private static <T> T known(T found) {
    if (found == null) {
      throw new FsException(FsError.BAD_HANDLE, "The handle is not open.");
    }
    return found;
  }
}
