package io.redisfuse.frontend.files;

import io.redisfuse.api.Bytes;
import io.redisfuse.api.Cell;
import java.util.Optional;

/** What a file is in the store, and what rivals do to it there. */
enum Kind {
  STRING("note", "note", ""),
  FIELD("page.text", "page", "text"),
  BELOW("dir/note", "dir:note", "");

  final String path;
  final String key;
  private final String field;

  Kind(String path, String key, String field) {
    this.path = path;
    this.key = key;
    this.field = field;
  }

  /** As {@link Workspace#cells} names it. */
  String cell() {
    return field.isEmpty() ? key : key + "." + field;
  }

  Cell inStore() {
    return field.isEmpty()
        ? Cell.string(Bytes.utf8(key))
        : Cell.field(Bytes.utf8(key), Bytes.utf8(field));
  }

  /** The path of another file in the same directory. */
  String sibling(String name) {
    return path.substring(0, path.lastIndexOf('/') + 1) + name;
  }

  Optional<String> get(Workspace fs) {
    return field.isEmpty() ? fs.get(key) : fs.hget(key, field);
  }

  void set(Workspace fs, String text) {
    put(fs, key, text);
  }

  /** Another key, of the same type, comes in its place. */
  void renameOver(Workspace fs, String text) {
    put(fs, "another", text);
    fs.renameKey("another", key);
  }

  void delete(Workspace fs) {
    if (field.isEmpty()) {
      fs.del(key);
    } else {
      fs.hdel(key, field);
    }
  }

  private void put(Workspace fs, String into, String text) {
    if (field.isEmpty()) {
      fs.set(into, text);
    } else {
      fs.hset(into, field, text);
    }
  }
}
