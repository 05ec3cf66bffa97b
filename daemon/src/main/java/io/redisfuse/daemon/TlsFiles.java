package io.redisfuse.daemon;

import java.nio.file.Path;
import java.util.Objects;
import java.util.Optional;

/**
 * The files that say how TLS is spoken.
 *
 * @param authorities whom to trust; without it, those whom Java trusts
 */
record TlsFiles(Optional<Path> authorities, Optional<Own> identity) {

  static final TlsFiles NONE = new TlsFiles(Optional.empty(), Optional.empty());

  /** A certificate of ours, and its key. */
  record Own(Path certificate, Path key) {}

  TlsFiles {
    Objects.requireNonNull(authorities, "authorities");
    Objects.requireNonNull(identity, "identity");
  }
}
