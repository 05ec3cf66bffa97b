package io.redisfuse.frontend.files;

import java.util.Optional;

/**
 * Which kind of rename a rename is: by what has the old name, what has the new one, and whether
 * that is one of those that stay on this machine.
 *
 * <p>Called with the names' lock held.
 */
final class Moves {

  private final Renames renames;
  private final ScratchRenames scratchRenames;
  private final Namespace namespace;
  private final Departures departures;
  private final ScratchNames scratchNames;

  Moves(
      Renames renames,
      ScratchRenames scratchRenames,
      Namespace namespace,
      Departures departures,
      ScratchNames scratchNames) {
    this.renames = renames;
    this.scratchRenames = scratchRenames;
    this.namespace = namespace;
    this.departures = departures;
    this.scratchNames = scratchNames;
  }

  void move(
      Found source,
      Renames.Place old,
      Renames.Place place,
      Optional<Found> target,
      Replacement replacement,
      Optional<ProcessId> process) {
    boolean overScratch = target.map(Found::isScratch).orElse(false);
    boolean toScratch = overScratch || scratchNames.match(place.name());
    if (source.isScratch()) {
      if (overScratch || (toScratch && target.isEmpty())) {
        scratchRenames.within(source, place, replacement);
      } else {
        scratchRenames.save(source, place, target, replacement, process);
      }
      return;
    }
    if (overScratch && !isCell(source)) {
      throw new FsException(
          source.isDirectory() ? FsError.NOT_DIRECTORY : FsError.ACCESS,
          place.name() + " is a scratch file; remove it first.");
    }
    if (source.isDirectory()) {
      renames.directory(source, place, target, replacement, process);
    } else if (source.isCollection()) {
      renames.collection(source, place, target, replacement, process);
    } else if (toScratch
        // Until it is settled others may take the name.
        && replacement == Replacement.ALLOWED
        && process.isPresent()
        && target.filter(t -> !isCell(t)).isEmpty()
        && scratchRenames.canWithhold(source, process.get())) {
      scratchRenames.withhold(source, old, place, target, process.get());
    } else {
      if (overScratch) {
        namespace.removeScratch(place.stem(), place.name());
      }
      renames.file(source, place, target.filter(t -> !t.isScratch()), replacement, process);
      departures.left(old.stem(), old.name(), source, process);
    }
  }

  private static boolean isCell(Found found) {
    return !found.isDirectory() && !found.isCollection();
  }
}
