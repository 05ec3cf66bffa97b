package io.redisfuse.frontend.files;

import io.redisfuse.api.Bytes;
import io.redisfuse.frontend.conflicts.KeptText;
import io.redisfuse.frontend.names.Names;
import java.io.IOException;
import java.nio.file.Files;
import java.util.function.BiConsumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Shows texts that are kept beside the files that they belong to, as {@code NAME.conflict-ID}: such
 * a file can be read and compared; removed, which drops the text; and moved over its file, which
 * saves it.
 *
 * <p>Safe for threads.
 */
final class ShownTexts {

  private static final Logger log = LoggerFactory.getLogger(ShownTexts.class);

  private static final String MARK = ".conflict-";

  private final Store store;
  private final Directories directories;
  private final ScratchFiles scratch;
  private final BiConsumer<Bytes, Bytes> outdated;

  /**
   * @param outdated told of names, in the directories of stems, that have just come into being
   */
  ShownTexts(
      Store store,
      Directories directories,
      ScratchFiles scratch,
      BiConsumer<Bytes, Bytes> outdated) {
    this.store = store;
    this.directories = directories;
    this.scratch = scratch;
    this.outdated = outdated;
  }

  /** Shows a text that has just been kept. */
  void show(KeptText text) {
    if (!store.keyspace().contains(text.cell().key())) {
      return;
    }
    Bytes stem = store.keyspace().parentStem(text.cell().key());
    try {
      Bytes name = name(text);
      scratch.show(stem, name, text);
      outdated.accept(stem, name);
    } catch (FsException e) {
      log.warn("The kept text {} is not shown beside its file: {}", text.id(), e.getMessage());
    }
  }

  /** Shows the texts of this source that were kept before. */
  void showThoseFromBefore() {
    try {
      store.rejected().texts().list().stream()
          .filter(text -> text.source().equals(store.rejected().source()))
          .forEach(this::show);
    } catch (IOException e) {
      log.warn(
          "Kept texts are not shown beside their files, since {} cannot be read: {}",
          store.rejected().texts().directory(),
          e.getMessage());
    }
  }

  /** Whether a file shows a text that was dropped elsewhere; then it goes. */
  boolean isGone(Node node) {
    boolean gone =
        node instanceof ScratchNode shown
            && shown.kept().filter(text -> !Files.exists(text.file())).isPresent();
    if (gone) {
      scratch.remove(ScratchFiles.stemOf(node.identity()), ScratchFiles.nameOf(node.identity()));
    }
    return gone;
  }

  /** A file is removed: so is the text that it shows, if it shows one. */
  void removed(Node node) {
    if (node instanceof ScratchNode shown) {
      shown.kept().ifPresent(store.rejected()::drop);
    }
  }

  private Bytes name(KeptText text) {
    Bytes tail = Bytes.utf8(MARK + text.id());
    Bytes head = directories.plainName(text.cell());
    int most = Names.MAX_BYTES - tail.length();
    if (head.length() > most) {
      int end = most;
      // Not within a character.
      while (end > 0 && (head.at(end) & 0xc0) == 0x80) {
        end--;
      }
      head = head.slice(0, end);
    }
    return head.concat(tail);
  }
}
