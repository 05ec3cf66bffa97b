package io.redisfuse.api;

import java.util.Objects;

/**
 * A part of a cell's content, with the size in bytes that the whole content had at the same moment.
 * Two ranges of one cell may be of two moments.
 */
public record Range(Bytes content, long size) {
  public Range {
    Objects.requireNonNull(content, "content");
    if (content.length() > size) {
      throw new IllegalArgumentException("a part of " + content.length() + " of " + size);
    }
  }
}
