package io.redisfuse.frontend.files;

import io.redisfuse.api.BackendException;
import io.redisfuse.api.Bytes;
import io.redisfuse.api.Cell;
import io.redisfuse.api.Change;
import io.redisfuse.api.Range;
import io.redisfuse.api.Transaction;
import io.redisfuse.api.Version;
import io.redisfuse.api.WrongTypeException;
import java.nio.ByteBuffer;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What some handles of one file see: the content that the backend held when it was last looked at,
 * and what these handles have done to it since.
 *
 * <p>Not safe for threads: guarded by the lock of the {@link OpenFile}.
 */
final class View {

  /** What is read in one go at open; a larger value is loaded when it is first needed. */
  private static final int SMALL = 64 << 10;

  private static final Logger log = LoggerFactory.getLogger(View.class);

  /** So much of the end of a large content is compared, to see whether it has grown. */
  private static final int OVERLAP = 4 << 10;

  private static final int PART = 1 << 20;

  private final FileNode node;
  private final Store store;

  /** What handles see, but for bytes that wait to be appended; null until it is needed. */
  private Content content;

  /** What the backend held when {@link #content} was loaded; null if that is not known. */
  private Version version;

  /** The size of content that is not loaded, as of the last open. */
  private long unloadedSize;

  /** How often the backend's content may have changed when {@link #content} was asked for. */
  private long asOf;

  /** What was done since the last save; null if nothing. */
  private Edit edit;

  View(FileNode node, Store store) {
    this.node = node;
    this.store = store;
  }

  /** Nothing waits to be saved. */
  boolean isClean() {
    return edit == null;
  }

  /** What waits to be saved; null if nothing does. */
  Edit edit() {
    return edit;
  }

  /** Only bytes at the end wait to be saved. */
  boolean isAppended() {
    return edit != null && edit.isAppended();
  }

  boolean isLoaded() {
    return content != null;
  }

  /** What the backend held, if it is known. */
  Optional<Version> version() {
    return Optional.ofNullable(version);
  }

  /** What is to be saved, but for bytes that wait to be appended; null if it is not loaded. */
  Content content() {
    return content;
  }

  /** The file does not exist yet. */
  void absent() {
    unload();
    content = Content.empty();
    version = Version.ABSENT;
  }

  Edit begin(Edit.Shape shape) {
    edit = new Edit(shape);
    return edit;
  }

  /** Reads what these handles see. It must be loaded. */
  int read(long offset, ByteBuffer into) {
    int n = content.read(offset, into);
    if (isAppended()) {
      long beyond = Math.max(0, offset - content.size());
      if (offset + n >= content.size()) {
        n += edit.appended().read(beyond, into);
      }
    }
    return n;
  }

  /** The size that handles see; asks the backend if nothing of the content is here. */
  long sizeNow() {
    if (content == null && edit == null) {
      refresh();
    }
    return size();
  }

  private long size() {
    long size = content != null ? content.size() : unloadedSize;
    return isAppended() ? size + edit.appended().size() : size;
  }

  /**
   * The version of what these handles see, saved or not: {@link Readings#TORN} if that would be
   * costly to know, and empty if nothing is loaded.
   */
  Optional<Version> visible() {
    if (edit == null) {
      return version();
    }
    if (content == null || edit.isAppended() || content.size() > SMALL) {
      return Optional.of(Readings.TORN);
    }
    return Optional.of(content.version());
  }

  /** Brings what the backend holds into line with what is known, as cheaply as it can. */
  void refresh() {
    asOf = node.file().changes();
    Optional<Range> range;
    try {
      range = store.backend().read(node.cell(), 0, SMALL);
    } catch (WrongTypeException e) {
      throw gone();
    }
    if (range.isEmpty()) {
      throw gone();
    }
    if (range.get().size() <= SMALL) {
      Version now = Version.of(range.get().content());
      if (content == null || !now.equals(version)) {
        unload();
        content = Content.of(range.get().content());
        version = now;
      }
      node.sawVersion(now, store.now());
    } else if (content == null || !store.backend().version(node.cell()).equals(version)) {
      unload();
    }
    unloadedSize = range.get().size();
  }

  /** Whether what was just refreshed is what another view has loaded. */
  boolean isStill(View before) {
    if (content != null) {
      return version().equals(before.version());
    }
    try {
      return store.backend().version(node.cell()).equals(before.version);
    } catch (WrongTypeException e) {
      return false;
    }
  }

  /** Whether the content is here, and the feed has told of no change since. */
  boolean isCurrent() {
    return content != null && edit == null && !isDoubtful();
  }

  /** Whether the content is here and is the backend's, as far as it is known to be so still. */
  boolean mayBeOutdated() {
    return content != null && edit == null && isDoubtful();
  }

  /** Whether the content may have changed since it was loaded. */
  private boolean isDoubtful() {
    return asOf != node.file().changes() || !store.index().isLive();
  }

  /**
   * Takes in what was added at the end, if that is all that has changed: who reads goes on as if it
   * had been there before. Of a large content only the last part is compared.
   */
  void grow() {
    if (content == null || edit != null || !isDoubtful()) {
      return;
    }
    try {
      takeIn();
    } catch (BackendException e) {
      // It is another type now, or the backend is away: what is here stays as it is.
      log.debug("Whether the {} has grown cannot be told now.", node.cell(), e);
    }
  }

  private void takeIn() {
    long now = node.file().changes();
    long size = content.size();
    int overlap = (int) Math.min(size, size <= SMALL ? SMALL : OVERLAP);
    Optional<Range> range = store.backend().read(node.cell(), size - overlap, overlap + PART);
    if (range.isEmpty()
        || range.get().size() < size
        || !range
            .get()
            .content()
            .slice(0, overlap)
            .equals(content.bytes(size - overlap, overlap))) {
      return;
    }
    long whole = range.get().size();
    Bytes added = range.get().content().slice(overlap);
    if (size + added.length() < whole) {
      // In two parts it might be parts of two contents.
      takeInAll(now);
      return;
    }
    asOf = now;
    if (!added.isEmpty()) {
      content.write(size, added.asByteBuffer());
      version = whole <= Content.HEAP_LIMIT ? content.version() : null;
      unloadedSize = whole;
    }
  }

  private void takeInAll(long now) {
    Content all = Content.empty();
    Optional<Version> found = Content.load(store.backend(), node.cell(), all);
    if (found.isEmpty() || !all.startsWith(content)) {
      all.close();
      return;
    }
    content.close();
    content = all;
    version = found.get();
    unloadedSize = all.size();
    asOf = now;
  }

  /** Loads the whole content, unless it is here. Returns whether it did. */
  boolean load() {
    if (content != null) {
      return false;
    }
    asOf = node.file().changes();
    Content loaded = Content.empty();
    Optional<Version> found = Content.load(store.backend(), node.cell(), loaded);
    if (found.isEmpty()) {
      loaded.close();
      throw gone();
    }
    content = loaded;
    version = found.get();
    unloadedSize = loaded.size();
    node.sawVersion(version, store.now());
    return true;
  }

  /** The edit becomes one of the whole content, of the given size. */
  void rewrite(long size) {
    if (content == null) {
      content = Content.empty();
    }
    edit.rewritten();
    content.resize(size);
  }

  /** Makes an edit that only appends one of the content, which then must be loaded. */
  void flattenAppended() {
    long start = content.size();
    content.append(edit.appended());
    if (version != null) {
      edit.bases().add(version);
    }
    edit.patched(start, content.size());
  }

  /** What is to be saved, as changes of the cell. */
  void addChanges(Transaction.Builder transaction) {
    if (sendsPatches()) {
      for (DirtyRanges.Span span : edit.ranges().spans()) {
        Bytes bytes = content.bytes(span.start(), span.length());
        transaction.change(new Change.Patch(node.cell(), span.start(), bytes));
      }
    } else {
      transaction.put(node.cell(), content.bytes());
    }
  }

  private boolean sendsPatches() {
    return edit.shape() == Edit.Shape.PATCHED
        && node.cell() instanceof Cell.StringCell
        && content.size() > Save.PATCH_FROM
        && edit.ranges().total() < content.size() / 2;
  }

  /** What was to be saved is in the backend. */
  void saved(Version now) {
    version = now;
    node.savedVersion(now);
    discardEdit();
  }

  /** What was to be appended is at the end of something that is not known here. */
  void appendedToUnknown() {
    unloadedSize += edit.appended().size();
    node.forgetVersion();
    discardEdit();
  }

  /** Takes over what another view has loaded. */
  void adopt(View other) {
    unload();
    content = other.content;
    version = other.version;
    asOf = other.asOf;
    unloadedSize = other.unloadedSize;
    other.content = null;
    other.version = null;
  }

  void discardEdit() {
    if (edit != null) {
      edit.close();
      edit = null;
    }
  }

  void unload() {
    unloadContent();
    unloadedSize = 0;
  }

  void unloadContent() {
    if (content != null) {
      unloadedSize = content.size();
      content.close();
      content = null;
    }
    version = null;
  }

  void close() {
    discardEdit();
    unload();
  }

  /** What is said of a file that is not there, whatever was said of it before. */
  FsException gone() {
    store.statuses().changed(node.cell().key());
    store.index().doubt(node.cell().key());
    return new FsException(
        FsError.STALE, "The " + node.cell() + " is not there any more: somebody removed it.");
  }
}
