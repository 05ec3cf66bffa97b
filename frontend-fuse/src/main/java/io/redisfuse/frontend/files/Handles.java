package io.redisfuse.frontend.files;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;

/** The open handles by number. Safe for threads. */
final class Handles {

  private final AtomicLong last = new AtomicLong();
  private final Map<Long, Opened> files = new ConcurrentHashMap<>();
  private final Map<Long, OpenDirectory> directories = new ConcurrentHashMap<>();

  long add(Opened opened) {
    long number = last.incrementAndGet();
    opened.numbered(number);
    files.put(number, opened);
    return number;
  }

  long add(OpenDirectory opened) {
    long number = last.incrementAndGet();
    directories.put(number, opened);
    return number;
  }

  Opened file(long number) {
    return known(files.get(number));
  }

  /** As {@link #file}, of one that may be closed by now. */
  Optional<Opened> findFile(long number) {
    return Optional.ofNullable(files.get(number));
  }

  OpenDirectory directory(long number) {
    return known(directories.get(number));
  }

  Opened removeFile(long number) {
    return known(files.remove(number));
  }

  Optional<OpenDirectory> removeDirectory(long number) {
    return Optional.ofNullable(directories.remove(number));
  }

  /** All handles of files that are open now. */
  List<Opened> files() {
    return List.copyOf(files.values());
  }

  /** The handles of a scratch file become handles of the file that it has become. */
  void become(ScratchNode scratch, Function<OpenedScratch, Opened> next) {
    for (Map.Entry<Long, Opened> entry : files.entrySet()) {
      if (entry.getValue() instanceof OpenedScratch open && open.node() == scratch) {
        Opened becomes = next.apply(open);
        becomes.numbered(entry.getKey());
        entry.setValue(becomes);
      }
    }
  }

  private static <T> T known(T found) {
    if (found == null) {
      throw new FsException(FsError.BAD_HANDLE, "The handle is not open.");
    }
    return found;
  }
}
