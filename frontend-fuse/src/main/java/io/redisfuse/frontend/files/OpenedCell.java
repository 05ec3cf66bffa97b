package io.redisfuse.frontend.files;

import io.redisfuse.api.BackendException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A file whose content is a cell. */
final class OpenedCell implements Opened {

  private static final Logger log = LoggerFactory.getLogger(OpenedCell.class);

  private final Handle handle;
  private final OpenFile file;
  private final Store store;
  private final NodeTable nodes;
  private final Settlement settlement;

  /**
   * @param handle open; its node is held until the release
   */
  OpenedCell(Handle handle, Store store, NodeTable nodes, Settlement settlement) {
    this.handle = handle;
    this.file = handle.node().file();
    this.store = store;
    this.nodes = nodes;
    this.settlement = settlement;
  }

  Handle handle() {
    return handle;
  }

  @Override
  public Attributes attributes() {
    FileNode node = handle.node();
    return file.locked(
        () -> {
          boolean isLasting =
              file.isOfOneContent() && store.index().isLive() && nodes.isNamed(node);
          if (isLasting) {
            node.telling();
          }
          Attributes said = node.said(file.sizeNow(handle));
          return isLasting ? said : said.fleeting();
        });
  }

  @Override
  public boolean bypassesCache() {
    return handle.bypassesCache();
  }

  @Override
  public boolean keepsCache() {
    return handle.keepsCache() && !handle.bypassesCache();
  }

  @Override
  public boolean outdatesAttributes() {
    return handle.takeOutdated();
  }

  @Override
  public int read(long offset, ByteBuffer into) {
    if (!handle.mode().reads()) {
      throw Opened.notOpenFor("reading");
    }
    return file.locked(() -> file.read(handle, offset, into));
  }

  @Override
  public int write(long offset, ByteBuffer from) {
    requireWriting();
    return file.locked(
        () -> {
          requireNoFailure();
          return file.write(handle, offset, from);
        });
  }

  @Override
  public void resize(long size) {
    requireWriting();
    file.locked(
        () -> {
          requireNoFailure();
          file.truncate(handle, size);
        });
  }

  private void requireWriting() {
    if (!handle.mode().writes()) {
      throw Opened.notOpenFor("writing");
    }
  }

  private void requireNoFailure() {
    handle
        .failure()
        .ifPresent(
            failure -> {
              throw failure;
            });
  }

  @Override
  public void flush(Caller caller) {
    if (!handle.mode().writes()) {
      return;
    }
    boolean isSaved =
        file.locked(
            () -> {
              requireNoFailure();
              boolean saves = handle.isDirty() && !isForLater(caller);
              if (saves) {
                file.save(handle.view());
              }
              return saves;
            });
    if (isSaved) {
      // Not with the file locked: others may go on meanwhile.
      store.saved(this::saved);
    }
  }

  /**
   * Whether a flush is not the end of what is being written: a descriptor was closed that is only a
   * copy, while the one who opened the file still has another. Shells do so for {@code >}: they
   * open the file, make it their standard output, close the first descriptor, and write only then;
   * and a child that inherited the file closes it when it ends.
   */
  private boolean isForLater(Caller caller) {
    if (handle.process().isEmpty()) {
      return false;
    }
    ProcessId opener = handle.process().get();
    Optional<ProcessId> closer = store.processes().of(caller.thread());
    boolean inherited = closer.isPresent() && !closer.get().equals(opener);
    return (inherited || !handle.view().edit().isWritten())
        && store.processes().isAlive(opener)
        && store.processes().hasOpen(opener, handle.node().inode());
  }

  @Override
  public void numbered(long number) {
    handle.number(number);
  }

  @Override
  public void refresh() {
    file.locked(() -> file.renew(handle));
  }

  @Override
  public void save() {
    file.locked(
        () -> {
          requireNoFailure();
          if (file.isSavedBy(handle)) {
            file.save(handle.view());
          }
        });
  }

  private List<Identity> saved() {
    return List.of(handle.node().identity());
  }

  @Override
  public void fsync() {
    save();
    store.sync(saved());
  }

  @Override
  public void release() {
    end(this::saveOrKeep);
  }

  @Override
  public void takeBack() {
    end(() -> file.takeBack(handle));
  }

  /**
   * @param ifDirty what is done with what is unsaved
   */
  private void end(Runnable ifDirty) {
    try {
      file.locked(
          () -> {
            if (handle.isDirty()) {
              ifDirty.run();
            }
            file.close(handle);
          });
      settlement.released(handle.node());
    } catch (BackendException | FsException | UncheckedIOException e) {
      log.warn("A removed file is still there: {}", e.getMessage(), e);
    } finally {
      nodes.drop(handle.node());
    }
    store.contents().trim();
  }

  @Override
  public void leave() {
    file.locked(this::saveOrKeep);
  }

  /** Nobody can be told any more, so what cannot be saved is kept aside. */
  private void saveOrKeep() {
    View view = handle.view();
    try {
      file.save(view);
    } catch (FsException e) {
      log.warn("A file was closed, and could not be saved: {}", e.getMessage());
      file.abandon(view, e);
    } catch (BackendException e) {
      log.warn("A file was closed, and could not be saved: {}", e.getMessage());
      file.abandon(view, BackendErrors.translate(e));
    }
  }
}
