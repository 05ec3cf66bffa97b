package io.redisfuse.frontend.files;

import io.redisfuse.api.Bytes;
import java.util.List;
import java.util.Map;

/**
 * What is in a directory.
 *
 * @param list in the order in which programs will look at them
 * @param shortened what stands behind names that do not say so
 */
record Entries(List<DirectoryEntry> list, Map<Bytes, Found> shortened) {

  static final Entries NONE = new Entries(List.of(), Map.of());
}
