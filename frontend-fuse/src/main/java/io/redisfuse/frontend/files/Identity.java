package io.redisfuse.frontend.files;

import io.redisfuse.api.Bytes;
import io.redisfuse.api.Cell;
import java.util.Objects;
import java.util.Optional;

/** What a node stands for. Equal identities are the same file. */
sealed interface Identity {

  /** The directory whose keys start with {@code stem}. */
  record OfDirectory(Bytes stem) implements Identity {
    public OfDirectory {
      Objects.requireNonNull(stem, "stem");
    }
  }

  /** A string key or a field. */
  record OfCell(Cell cell) implements Identity {
    public OfCell {
      Objects.requireNonNull(cell, "cell");
    }
  }

  /** A key that is neither string nor hash. */
  record OfCollection(Bytes key) implements Identity {
    public OfCollection {
      Objects.requireNonNull(key, "key");
    }
  }

  /** A file that lives on this machine only. */
  record OfScratch(Bytes stem, Bytes name) implements Identity {
    public OfScratch {
      Objects.requireNonNull(stem, "stem");
      Objects.requireNonNull(name, "name");
    }
  }

  /** A symbolic link, which lives on this machine only. */
  record OfLink(Bytes stem, Bytes name, Bytes target) implements Identity {
    public OfLink {
      Objects.requireNonNull(stem, "stem");
      Objects.requireNonNull(name, "name");
      Objects.requireNonNull(target, "target");
    }
  }

  /** The key that it is, or is a part of; empty if there is none, or there are many. */
  default Optional<Bytes> storedKey() {
    if (this instanceof OfCell of) {
      return Optional.of(of.cell().key());
    }
    return this instanceof OfCollection collection
        ? Optional.of(collection.key())
        : Optional.empty();
  }

  /**
   * A number that is the same on every mount, positive and above the numbers that are given out
   * when two collide.
   */
  default long inode() {
    long hash = 0xcbf29ce484222325L;
    if (this instanceof OfDirectory directory) {
      hash = mix(mix(hash, 1), directory.stem());
    } else if (this instanceof OfCollection collection) {
      hash = mix(mix(hash, 2), collection.key());
    } else if (this instanceof OfCell of) {
      hash = mix(mix(hash, 3), of.cell().key());
      if (of.cell() instanceof Cell.FieldCell field) {
        hash = mix(mix(hash, field.key().length()), field.field());
      }
    } else if (this instanceof OfScratch scratch) {
      hash = ofName(4, scratch.stem(), scratch.name());
    } else if (this instanceof OfLink link) {
      hash = ofName(5, link.stem(), link.name());
    }
    hash ^= hash >>> 32;
    hash *= 0xd6e8feb86659fd93L;
    hash ^= hash >>> 32;
    return (hash & Long.MAX_VALUE) | (1L << 40);
  }

  private static long ofName(int kind, Bytes stem, Bytes name) {
    return mix(mix(mix(mix(0xcbf29ce484222325L, kind), stem), stem.length()), name);
  }

  private static long mix(long hash, Bytes bytes) {
    long h = hash;
    for (int i = 0; i < bytes.length(); i++) {
      h = mix(h, bytes.at(i));
    }
    return h;
  }

  /** One step of FNV-1a. */
  private static long mix(long hash, int value) {
    return (hash ^ (value & 0xff)) * 0x100000001b3L;
  }
}
