package io.redisfuse.frontend.files;

import io.redisfuse.api.BackendException;
import io.redisfuse.frontend.tree.LiveIndex;
import java.util.Optional;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sees whether directories are still there in which something has changed, and tells which are not.
 * Directories are there for as long as anything is in them, and somebody may be in one of them: so
 * they are not given up on suspicion.
 *
 * <p>Safe for threads.
 */
final class VanishingDirectories implements AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(VanishingDirectories.class);

  private final LiveIndex index;
  private final Consumer<DirectoryNode> gone;
  private final Doubts<DirectoryNode> doubts;

  /**
   * @param gone told of those that are not there any more
   */
  VanishingDirectories(LiveIndex index, Consumer<DirectoryNode> gone) {
    this.index = index;
    this.gone = gone;
    this.doubts =
        new Doubts<>(
            "redisfuse-directories",
            index,
            directories -> directories.stream().filter(this::isDoubtfulStill).toList());
  }

  void start() {
    doubts.start();
  }

  /** A directory may not be there any more. */
  void doubt(DirectoryNode directory) {
    doubts.add(directory);
  }

  @Override
  public void close() {
    doubts.close();
  }

  /** Looks whether it is there; whether that cannot be told. */
  private boolean isDoubtfulStill(DirectoryNode directory) {
    try {
      Optional<Boolean> exists = index.directoryIfKnown(directory.keyStem());
      if (exists.isPresent() && !exists.get()) {
        gone.accept(directory);
      }
      return exists.isEmpty();
    } catch (BackendException e) {
      log.debug("Whether the directory {} is still there cannot be told now.", directory, e);
      return true;
    }
  }
}
