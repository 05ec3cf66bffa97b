package io.redisfuse.frontend.files;

import io.redisfuse.api.Durability;
import io.redisfuse.frontend.names.NewFiles;
import java.util.Objects;

/**
 * How a file system behaves.
 *
 * @param durability what is waited for after what {@code syncing} says
 * @param owner the user who owns what nobody said otherwise of
 * @param scratchNames the names of files that never leave this machine
 */
public record FileSystemOptions(
    Access access,
    NewFiles newFiles,
    DirectoryMarkers directoryMarkers,
    Durability durability,
    Syncing syncing,
    int owner,
    int group,
    OnConflict onConflict,
    ScratchNames scratchNames,
    Locking locking) {

  /** Among whom locks hold. */
  public enum Locking {
    /** All mounts of the store; of what takes no writes, among the programs of this one. */
    SHARED,
    /** The programs of this mount. */
    LOCAL
  }

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

  /** When it is waited for what was saved to be durable. */
  public enum Syncing {
    /** When a program asks for it, with {@code fsync}. */
    FSYNC,
    /** After each save: the {@code close} or {@code rename} that saved. */
    EACH_SAVE
  }

  /** What becomes of a save when somebody else has changed what its process had read. */
  public enum OnConflict {
    /** It fails, and nothing is overwritten. */
    REJECT,
    /** It wins. */
    OVERWRITE
  }

  public FileSystemOptions {
    Objects.requireNonNull(access, "access");
    Objects.requireNonNull(newFiles, "newFiles");
    Objects.requireNonNull(directoryMarkers, "directoryMarkers");
    Objects.requireNonNull(durability, "durability");
    Objects.requireNonNull(syncing, "syncing");
    Objects.requireNonNull(onConflict, "onConflict");
    Objects.requireNonNull(scratchNames, "scratchNames");
    Objects.requireNonNull(locking, "locking");
  }
}
