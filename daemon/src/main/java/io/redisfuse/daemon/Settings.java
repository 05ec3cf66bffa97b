package io.redisfuse.daemon;

import io.redisfuse.api.Durability;
import io.redisfuse.frontend.files.FileSystemOptions.Locking;
import io.redisfuse.frontend.files.FileSystemOptions.OnConflict;
import io.redisfuse.frontend.files.FileSystemOptions.Syncing;
import io.redisfuse.frontend.files.ScratchNames;
import io.redisfuse.frontend.fuse.MountOptions.Binding;
import io.redisfuse.frontend.names.NewFiles;
import java.nio.file.Path;
import java.util.Objects;
import java.util.OptionalInt;

/**
 * What the user asked for, checked as far as that is possible without looking at the machine.
 *
 * @param prefix only keys that start with it are mounted; empty for all
 * @param delimiter what separates the segments of a key
 * @param binding how the mount speaks to the kernel
 * @param metricsPort where the metrics are shown to Prometheus, if they are to be
 * @param mountPoint as given, perhaps relative
 * @param scratchNames names of files that never reach the backend
 * @param stateDirectory where files of this machine are kept, such as rejected saves; perhaps not
 *     there yet
 */
record Settings(
    BackendChoice backend,
    String prefix,
    String delimiter,
    Access access,
    NewFiles newFiles,
    Audience audience,
    OnConflict onConflict,
    Locking locking,
    Durability durability,
    Syncing syncing,
    ScratchNames scratchNames,
    Binding binding,
    OptionalInt metricsPort,
    Path mountPoint,
    Path stateDirectory) {

  Settings {
    Objects.requireNonNull(backend, "backend");
    Objects.requireNonNull(prefix, "prefix");
    Objects.requireNonNull(delimiter, "delimiter");
    Objects.requireNonNull(access, "access");
    Objects.requireNonNull(newFiles, "newFiles");
    Objects.requireNonNull(audience, "audience");
    Objects.requireNonNull(onConflict, "onConflict");
    Objects.requireNonNull(locking, "locking");
    Objects.requireNonNull(durability, "durability");
    Objects.requireNonNull(syncing, "syncing");
    Objects.requireNonNull(scratchNames, "scratchNames");
    Objects.requireNonNull(binding, "binding");
    Objects.requireNonNull(metricsPort, "metricsPort");
    Objects.requireNonNull(mountPoint, "mountPoint");
    Objects.requireNonNull(stateDirectory, "stateDirectory");
    if (delimiter.isEmpty()) {
      throw new IllegalArgumentException("an empty delimiter");
    }
  }

  /** Whether the mount may be written to. */
  enum Access {
    READ_WRITE,
    READ_ONLY
  }

  /** Whom the kernel lets into the mount. */
  enum Audience {
    OWN_USER,
    ALL_USERS
  }
}
