package io.redisfuse.frontend.files.locks;

import io.redisfuse.api.Backend;
import io.redisfuse.api.Bytes;
import io.redisfuse.api.Cell;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.LongConsumer;

/** Nodes that stand for the string of their number; those below 0 for nothing in the store. */
final class KnownFiles implements LockedFiles {

  private final LongConsumer saved;
  private final LongConsumer refreshed;

  KnownFiles() {
    this(handle -> {}, handle -> {});
  }

  KnownFiles(LongConsumer saved, LongConsumer refreshed) {
    this.saved = saved;
    this.refreshed = refreshed;
  }

  static Cell cellOf(long node) {
    return Cell.string(Bytes.utf8(Long.toString(node)));
  }

  /** All keys of a store. */
  static List<String> keys(Backend backend) {
    List<String> keys = new ArrayList<>();
    backend.scan(
        Bytes.EMPTY,
        (key, type) -> {
          keys.add(key.toUtf8());
          return true;
        });
    return keys;
  }

  @Override
  public Optional<Cell> cell(long node) {
    return node < 0 ? Optional.empty() : Optional.of(cellOf(node));
  }

  @Override
  public void save(long handle) {
    saved.accept(handle);
  }

  @Override
  public void refresh(long handle) {
    refreshed.accept(handle);
  }
}
