package io.redisfuse.frontend.files;

import io.redisfuse.api.BackendException;
import io.redisfuse.api.Cell;
import io.redisfuse.frontend.files.locks.LockedFiles;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.locks.Lock;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The files of the store that are locked through handles of this mount. */
final class LockedHandles implements LockedFiles {

  private static final Logger log = LoggerFactory.getLogger(LockedHandles.class);

  /** What others have done is known in a few milliseconds, unless something is wrong. */
  private static final Duration PATIENCE = Duration.ofSeconds(1);

  private final StripedNamesLock names;
  private final Store store;
  private final NodeTable nodes;
  private final Handles handles;

  LockedHandles(StripedNamesLock names, Store store, NodeTable nodes, Handles handles) {
    this.names = names;
    this.store = store;
    this.nodes = nodes;
    this.handles = handles;
  }

  @Override
  public Optional<Cell> cell(long number) {
    return nodes.find(number).filter(nodes::isNamed).flatMap(LockedHandles::cell);
  }

  private static Optional<Cell> cell(Node node) {
    if (node instanceof FileNode file) {
      return Optional.of(file.cell());
    }
    return node instanceof CollectionNode collection
        ? Optional.of(Cell.string(collection.key()))
        : Optional.empty();
  }

  @Override
  public void save(long handle) {
    with(handle, Opened::save);
  }

  @Override
  public void refresh(long handle) {
    try {
      if (!store.catchUp(PATIENCE)) {
        log.debug("What others have done is not known yet to who has got a lock.");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    with(handle, Opened::refresh);
  }

  private void with(long handle, Consumer<Opened> action) {
    Lock lock = names.shared();
    lock.lock();
    try {
      handles.findFile(handle).ifPresent(action);
    } catch (FsException | BackendException | UncheckedIOException e) {
      // A save that failed is told when the handle is closed; who reads is told by that.
      log.debug("A locked file could not be saved or read now: {}", e.getMessage(), e);
    } finally {
      lock.unlock();
    }
  }
}
