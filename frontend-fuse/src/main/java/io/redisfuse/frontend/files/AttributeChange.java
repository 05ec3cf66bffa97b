package io.redisfuse.frontend.files;

import java.time.Instant;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;

/** What {@code setattr} is to change; what is empty stays. */
public record AttributeChange(
    OptionalInt permissions,
    OptionalInt owner,
    OptionalInt group,
    OptionalLong size,
    Optional<Instant> accessed,
    Optional<Instant> modified) {

  private static final AttributeChange NOTHING =
      new AttributeChange(
          OptionalInt.empty(),
          OptionalInt.empty(),
          OptionalInt.empty(),
          OptionalLong.empty(),
          Optional.empty(),
          Optional.empty());

  /** {@code chmod}: the lower 12 bits of a mode. */
  public static AttributeChange permissions(int permissions) {
    return new AttributeChange(
        OptionalInt.of(permissions & 07777),
        NOTHING.owner,
        NOTHING.group,
        NOTHING.size,
        NOTHING.accessed,
        NOTHING.modified);
  }

  /** {@code chown}; empty leaves one as it is. */
  public static AttributeChange ownership(OptionalInt owner, OptionalInt group) {
    return new AttributeChange(
        NOTHING.permissions, owner, group, NOTHING.size, NOTHING.accessed, NOTHING.modified);
  }

  /** {@code truncate}, in bytes. */
  public static AttributeChange size(long size) {
    return new AttributeChange(
        NOTHING.permissions,
        NOTHING.owner,
        NOTHING.group,
        OptionalLong.of(size),
        NOTHING.accessed,
        NOTHING.modified);
  }

  /** {@code utimens}; empty leaves one as it is. */
  public static AttributeChange times(Optional<Instant> accessed, Optional<Instant> modified) {
    return new AttributeChange(
        NOTHING.permissions, NOTHING.owner, NOTHING.group, NOTHING.size, accessed, modified);
  }
}
