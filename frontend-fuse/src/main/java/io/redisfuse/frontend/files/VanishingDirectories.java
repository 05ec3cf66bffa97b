package io.redisfuse.frontend.files;

import io.redisfuse.api.BackendException;
import io.redisfuse.frontend.tree.LiveIndex;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sees whether directories are still there in which something has changed, on a thread of its own,
 * and tells which are not. Directories are there for as long as anything is in them, and somebody
 * may be in one of them: so they are not given up on suspicion.
 *
 * <p>However often a directory is doubted meanwhile, it is looked at once.
 *
 * <p>Safe for threads.
 */
final class VanishingDirectories implements AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(VanishingDirectories.class);

  /** Between two looks, so that what changes all the time is not asked about all the time. */
  private static final Duration PAUSE = Duration.ofMillis(2);

  private static final Duration PAUSE_AFTER_FAILURE = Duration.ofMillis(200);

  private final LiveIndex index;
  private final Consumer<DirectoryNode> gone;
  private final Thread thread;

  /** Guarded by itself. */
  private final Set<DirectoryNode> doubted = new LinkedHashSet<>();

  /**
   * @param gone told of those that are not there any more
   */
  VanishingDirectories(LiveIndex index, Consumer<DirectoryNode> gone) {
    this.index = index;
    this.gone = gone;
    this.thread = new Thread(this::run, "redisfuse-directories");
    thread.setDaemon(true);
  }

  void start() {
    thread.start();
  }

  /** A directory may not be there any more. */
  void doubt(DirectoryNode directory) {
    synchronized (doubted) {
      if (doubted.add(directory)) {
        doubted.notifyAll();
      }
    }
  }

  @Override
  public void close() {
    thread.interrupt();
  }

  private void run() {
    try {
      while (true) {
        boolean failed = false;
        for (DirectoryNode directory : take()) {
          failed |= look(directory);
        }
        index.awaitComplete(PAUSE_AFTER_FAILURE);
        Thread.sleep((failed ? PAUSE_AFTER_FAILURE : PAUSE).toMillis());
      }
    } catch (InterruptedException e) {
      log.debug("The file system is closed.", e);
    }
  }

  private List<DirectoryNode> take() throws InterruptedException {
    synchronized (doubted) {
      while (doubted.isEmpty()) {
        doubted.wait();
      }
      List<DirectoryNode> taken = List.copyOf(doubted);
      doubted.clear();
      return taken;
    }
  }

  /**
   * Looks whether it is there; if that cannot be told, it stays doubted. Whether the backend fails.
   */
  private boolean look(DirectoryNode directory) {
    try {
      Optional<Boolean> exists = index.directoryIfKnown(directory.keyStem());
      if (exists.isEmpty()) {
        doubt(directory);
      } else if (!exists.get()) {
        gone.accept(directory);
      }
      return false;
    } catch (BackendException e) {
      log.debug("Whether the directory {} is still there cannot be told now.", directory, e);
      doubt(directory);
      return true;
    } catch (RuntimeException e) {
      log.error("Looking for the directory {} failed unexpectedly.", directory, e);
      return false;
    }
  }
}
