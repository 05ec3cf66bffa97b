package io.redisfuse.frontend.fuse;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;

/** A {@link FileTree} mounted in a directory of its own, and a shell in the mount. */
final class Mounted implements AutoCloseable {

  static final MountOptions OPTIONS =
      MountOptions.defaults().withFsName("tree").withPatience(Duration.ofSeconds(10));

  final FileTree tree = new FileTree();
  final Path directory;
  final FuseMount mount;
  final Shell shell;

  Mounted(MountOptions.Binding binding) throws IOException {
    this(OPTIONS.withBinding(binding));
  }

  Mounted(MountOptions options) throws IOException {
    directory = Files.createTempDirectory("redisfuse-mount").toRealPath();
    mount = FuseMount.mount(directory, tree, options);
    shell = new Shell(directory);
  }

  Path path(String name) {
    return directory.resolve(name);
  }

  @Override
  public void close() throws IOException {
    try {
      mount.close();
    } finally {
      release(directory);
      tree.close();
    }
  }

  /** Frees a mount point whatever happened, and removes it. */
  static void release(Path directory) throws IOException {
    new Shell(Path.of("/")).attempt("fusermount -uzq '" + directory + "'");
    Files.deleteIfExists(directory);
  }
}
