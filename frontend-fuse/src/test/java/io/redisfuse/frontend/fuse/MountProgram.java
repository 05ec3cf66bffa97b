package io.redisfuse.frontend.fuse;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;

/** A daemon in small: mounts a tree, ends when it is unmounted or told to stop. */
final class MountProgram {

  private MountProgram() {}

  @SuppressWarnings("SystemOut")
  public static void main(String[] args) throws IOException, InterruptedException {
    FileTree tree = new FileTree();
    FuseMount mount;
    try {
      mount =
          FuseMount.mount(
              Path.of(args[0]),
              tree,
              Mounted.OPTIONS
                  .withBinding(MountOptions.Binding.valueOf(args[1]))
                  .withPatience(Duration.ofSeconds(2)));
    } catch (MountException e) {
      System.out.println(e.getMessage());
      return;
    }
    Runtime.getRuntime()
        .addShutdownHook(
            new Thread(
                () -> {
                  mount.close();
                  tree.close();
                  System.out.println("closed");
                }));
    System.out.println("ready");
    mount.awaitUnmounted();
    System.out.println("unmounted");
  }
}
