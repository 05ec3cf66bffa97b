package io.redisfuse.frontend.files;

import io.redisfuse.api.BackendException;
import io.redisfuse.api.Bytes;
import io.redisfuse.api.ChangeListener;
import io.redisfuse.api.Range;
import io.redisfuse.api.Version;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Follows the content of files that programs have looked at, so that its time changes when others
 * change it: editors and make rely on that. A change costs nothing until somebody asks for the
 * file's attributes.
 *
 * <p>Of a large content the time follows when it is next read.
 *
 * <p>Safe for threads.
 */
final class Watched implements ChangeListener {

  private static final Logger log = LoggerFactory.getLogger(Watched.class);

  /** What is read to be compared. */
  private static final int SMALL = 64 << 10;

  /** Up to this size the backend is asked for the digest. */
  private static final long MEDIUM = 4 << 20;

  private final Store store;
  private final NodeTable nodes;

  Watched(Store store, NodeTable nodes) {
    this.store = store;
    this.nodes = nodes;
  }

  @Override
  public void changed(Bytes key) {
    nodes.ofKey(key).forEach(FileNode::doubt);
  }

  @Override
  public void reset() {
    store.reset();
  }

  /** Somebody asks for the attributes of a file: looks at its content, if that may have changed. */
  void look(FileNode node) {
    boolean doubtful = node.takeDoubt(store.resets()) || !store.index().isLive();
    boolean isDetached = node.usedFile().map(OpenFile::isDetached).orElse(false);
    if (!doubtful || node.knownVersion().isEmpty() || isDetached) {
      return;
    }
    try {
      Optional<Range> range = store.backend().read(node.cell(), 0, SMALL);
      if (range.isEmpty()) {
        return;
      }
      long size = range.get().size();
      if (size <= SMALL) {
        node.sawVersion(Version.of(range.get().content()), store.now());
      } else if (size <= MEDIUM) {
        node.sawVersion(store.backend().version(node.cell()), store.now());
      }
    } catch (BackendException e) {
      log.debug("Whether the {} has changed cannot be told now.", node.cell(), e);
      node.doubt();
    }
  }
}
