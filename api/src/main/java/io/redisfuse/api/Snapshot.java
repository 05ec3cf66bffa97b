package io.redisfuse.api;

import java.util.Objects;

/** A cell's whole content at one moment, with its version. */
public record Snapshot(Bytes content, Version version) {
  public Snapshot {
    Objects.requireNonNull(content, "content");
    Objects.requireNonNull(version, "version");
  }

  /** Computes the version of {@code content}. */
  public static Snapshot of(Bytes content) {
    return new Snapshot(content, Version.of(content));
  }
}
