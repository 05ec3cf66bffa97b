package io.redisfuse.it;

import io.redisfuse.api.Bytes;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/**
 * What a tree of ordinary files must be in Redis once it was copied into a mount: the rules of the
 * documentation, written a second time and without their subtleties. A file whose name has an
 * extension must not stand beside one of the same name without it.
 */
final class NamingRules {

  private NamingRules() {}

  /** The keys of all directories and files below {@code root}. */
  static Keyspace keyspaceOf(Path root) {
    Keyspace keyspace = Keyspace.empty();
    try (Stream<Path> paths = Files.walk(root)) {
      for (Path path : (Iterable<Path>) paths.skip(1)::iterator) {
        Path parent = root.relativize(path).getParent();
        String directory = parent == null ? "" : parent.toString().replace('/', ':') + ":";
        String name = path.getFileName().toString();
        if (Files.isDirectory(path)) {
          keyspace.markers(directory + name + ":");
        } else {
          add(keyspace, directory, name, Bytes.wrap(Files.readAllBytes(path)));
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return keyspace;
  }

  private static void add(Keyspace keyspace, String directory, String name, Bytes content) {
    int dot = name.indexOf('.', 1);
    if (dot < 0 || name.endsWith(".lock")) {
      keyspace.string(Bytes.utf8(directory + name), content);
    } else {
      keyspace.field(
          Bytes.utf8(directory + name.substring(0, dot)),
          Bytes.utf8(name.substring(dot + 1)),
          content);
    }
  }
}
