package io.redisfuse.frontend.files;

import java.util.List;

/**
 * What is in a directory, without {@code .} and {@code ..}.
 *
 * @param edition another number whenever something may be listed otherwise, so that lists of the
 *     same directory and edition are equal
 */
public record EntryList(List<DirectoryEntry> entries, long edition) {

  public EntryList {
    if (edition < 0) {
      throw new IllegalArgumentException("the edition " + edition);
    }
  }

  public int size() {
    return entries.size();
  }
}
