package io.redisfuse.frontend.files;

import io.redisfuse.api.Durability;
import io.redisfuse.frontend.names.NewFiles;
import java.nio.file.Path;
import java.util.Objects;

/**
 * How a file system behaves.
 *
 * @param owner the user who owns what nobody said otherwise of
 * @param rejected the directory in which rejected saves are kept
 */
public record FileSystemOptions(
    Access access,
    NewFiles newFiles,
    DirectoryMarkers directoryMarkers,
    Durability durability,
    int owner,
    int group,
    Path rejected) {

  /** Whether anything may be written. */
  public enum Access {
    READ_WRITE,
    READ_ONLY
  }

  /** Where empty directories are kept. */
  public enum DirectoryMarkers {
    /** As marker keys, for everybody. */
    KEYS,
    /** On this machine, until the end of the mount. */
    LOCAL
  }

  public FileSystemOptions {
    Objects.requireNonNull(access, "access");
    Objects.requireNonNull(newFiles, "newFiles");
    Objects.requireNonNull(directoryMarkers, "directoryMarkers");
    Objects.requireNonNull(durability, "durability");
    Objects.requireNonNull(rejected, "rejected");
  }
}
