package io.redisfuse.frontend.fuse;

import java.io.File;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;

/** Finds out before a mount what would make it fail, to say so in words that help. */
final class Privileges {

  private static final Path DEVICE = Path.of("/dev/fuse");
  private static final Path CONFIGURATION = Path.of("/etc/fuse.conf");
  private static final String HELPER = "fusermount";

  private Privileges() {}

  static void require(MountOptions options) throws MountException {
    requireDevice(DEVICE);
    if (!isRoot()) {
      requireHelper(searchPath());
      if (options.flags().contains(MountOptions.Flag.ALLOW_OTHER)) {
        requireUserAllowOther(CONFIGURATION);
      }
    }
  }

  static void requireDevice(Path device) throws MountException {
    try (FileChannel open =
        FileChannel.open(device, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
      assert open.isOpen();
    } catch (NoSuchFileException e) {
      throw new MountException(
          "This system has no "
              + device
              + ": load the kernel's module with 'modprobe fuse', or start the container with"
              + " '--device /dev/fuse --cap-add SYS_ADMIN'.",
          e);
    } catch (IOException e) {
      throw new MountException(
          "This user may not open "
              + device
              + ": allow it with 'chmod 666 "
              + device
              + "' as root, or start the container with"
              + " '--device /dev/fuse --cap-add SYS_ADMIN'.",
          e);
    }
  }

  static void requireHelper(List<Path> directories) throws MountException {
    for (Path directory : directories) {
      if (Files.isExecutable(directory.resolve(HELPER))) {
        return;
      }
    }
    throw new MountException(
        "Users other than root need the program fusermount to mount: install it, on Debian and"
            + " Ubuntu with 'apt-get install fuse'.");
  }

  static void requireUserAllowOther(Path configuration) throws MountException {
    try {
      for (String line : Files.readAllLines(configuration)) {
        if (line.strip().equals("user_allow_other")) {
          return;
        }
      }
    } catch (IOException e) {
      throw allowOther(configuration, e);
    }
    throw allowOther(configuration, null);
  }

  private static MountException allowOther(Path configuration, Throwable cause) {
    return new MountException(
        "Only root may open a mount to other users: add the line 'user_allow_other' to "
            + configuration
            + " as root, or mount without allow_other.",
        cause);
  }

  private static List<Path> searchPath() {
    List<Path> directories = new ArrayList<>(List.of(Path.of("/usr/bin"), Path.of("/bin")));
    String path = System.getenv("PATH");
    if (path != null) {
      for (String directory : path.split(File.pathSeparator, -1)) {
        directories.add(Path.of(directory));
      }
    }
    return directories;
  }

  /** The owner of {@code /proc/self} is the effective user. */
  private static boolean isRoot() throws MountException {
    try {
      return Files.getAttribute(Path.of("/proc/self"), "unix:uid").equals(0);
    } catch (IOException e) {
      throw new MountException("This system has no /proc, which mounting needs: mount it.", e);
    }
  }
}
