package io.redisfuse.frontend.files;

import io.redisfuse.api.BackendException;
import io.redisfuse.frontend.tree.LiveIndex;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sees whether names of files, and of nothing, still stand for what they stood for when their keys
 * have changed, as most do, and tells which do not: to let go of a name costs the kernel every
 * other one, too.
 *
 * <p>Safe for threads.
 */
final class DoubtedNames implements AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(DoubtedNames.class);

  private final Directories directories;
  private final NodeTable nodes;
  private final Predicate<CachedName> isLocal;
  private final Consumer<CachedName> outdated;
  private final Doubts<CachedName> doubts;

  /**
   * @param isLocal whether what a name stands for is decided on this machine alone by now
   * @param outdated told of those that stand for something else, or perhaps so
   */
  DoubtedNames(
      LiveIndex index,
      Directories directories,
      NodeTable nodes,
      Predicate<CachedName> isLocal,
      Consumer<CachedName> outdated) {
    this.directories = directories;
    this.nodes = nodes;
    this.isLocal = isLocal;
    this.outdated = outdated;
    this.doubts = new Doubts<>("redisfuse-names", index, this::look);
  }

  void start() {
    doubts.start();
  }

  /** A name may stand for something else. */
  void doubt(CachedName name) {
    doubts.add(name);
  }

  @Override
  public void close() {
    doubts.close();
  }

  private List<CachedName> look(List<CachedName> names) {
    try {
      List<Directories.Place> places =
          names.stream()
              .map(
                  name ->
                      new Directories.Place(name.directory().directory().keyStem(), name.name()))
              .toList();
      List<Optional<Found>> found = directories.resolveAll(places);
      for (int i = 0; i < names.size(); i++) {
        CachedName name = names.get(i);
        if (!isStill(name, found.get(i))) {
          outdated.accept(name);
        }
      }
    } catch (BackendException | FsException e) {
      log.debug("What {} names stand for cannot be told now.", names.size(), e);
      names.forEach(outdated);
    }
    return List.of();
  }

  private boolean isStill(CachedName name, Optional<Found> found) {
    boolean isSame =
        name.isAbsent() ? found.isEmpty() : found.filter(now -> isStill(name, now)).isPresent();
    return isSame && !isLocal.test(name);
  }

  /** A name whose key has got a TTL is relied on until then: the kernel asks for how long. */
  private boolean isStill(CachedName name, Found now) {
    return now.ttl().isEmpty()
        && nodes.find(now.identity()).filter(node -> node.id() == name.told()).isPresent();
  }
}
