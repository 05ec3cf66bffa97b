package io.redisfuse.it.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;

/** A directory of some file system, used through system calls. */
final class MountedSubject implements Subject {

  private final SubjectName name;
  private final Path directory;
  private final Path sources;
  private final Meter meter;

  /** {@code sources} is a {@link SourceTree} to copy; it must exist when that is measured. */
  MountedSubject(SubjectName name, Path directory, Path sources, Meter meter) {
    this.name = name;
    this.directory = directory;
    this.sources = sources;
    this.meter = meter;
  }

  @Override
  public SubjectName name() {
    return name;
  }

  @Override
  public void prepare(Set<Area> areas) throws IOException {
    try (MountedClient client = new MountedClient(directory)) {
      if (areas.contains(Area.STAT) || areas.contains(Area.OPEN)) {
        client.fill(MountedClient.SMALL, Sizes.SMALL_FILES);
      }
      if (areas.contains(Area.OVERWRITE) || areas.contains(Area.RENAME)) {
        client.fill(MountedClient.SAVED, Sizes.SAVED_FILES);
      }
      if (areas.contains(Area.LS) || areas.contains(Area.FIND)) {
        client.fill(MountedClient.LISTED, Sizes.LISTED_FILES);
        client.requireListed(Sizes.LISTED_FILES);
      }
      if (areas.contains(Area.CREATE)) {
        Files.createDirectory(directory.resolve(MountedClient.CREATED));
      }
    }
    if (areas.contains(Area.GIT) || areas.contains(Area.GREP)) {
      SourceTree.copy(sources, directory.resolve(MountedClient.TREE));
    }
  }

  @Override
  public MountedClient client() {
    return new MountedClient(directory);
  }

  @Override
  public Meter meter() {
    return meter;
  }

  @Override
  public void close() {
    // The mount belongs to whoever started it.
  }
}
