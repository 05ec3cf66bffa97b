package io.redisfuse.frontend.files;

import io.redisfuse.frontend.names.Entry;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * What a name in a directory means.
 *
 * @param size of a string or field its bytes, of a collection its elements, if the backend was
 *     asked
 * @param ttl the TTL of the key, if it has one and the backend was asked
 */
record Found(Entry entry, Identity identity, OptionalLong size, Optional<Duration> ttl) {

  /** Something that the backend was not asked about, or that is not there. */
  static Found of(Entry entry, Identity identity) {
    return new Found(entry, identity, OptionalLong.empty(), Optional.empty());
  }

  boolean isDirectory() {
    return identity instanceof Identity.OfDirectory;
  }

  /** Whether it lives on this machine only. */
  boolean isScratch() {
    return identity instanceof Identity.OfScratch || identity instanceof Identity.OfLink;
  }

  boolean isCollection() {
    return identity instanceof Identity.OfCollection;
  }
}
