package io.redisfuse.frontend.fuse;

import io.redisfuse.api.Bytes;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import jnr.ffi.Memory;
import jnr.ffi.Pointer;
import jnr.ffi.Runtime;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The directory to mount on, with what can be mounted there already. */
final class MountPoint {

  private static final Logger log = LoggerFactory.getLogger(MountPoint.class);

  /** What the kernel calls a mount of libfuse with our subtype. */
  static final String TYPE = "fuse." + MountArguments.SUBTYPE;

  private static final int FUSERMOUNT_SECONDS = 20;
  private static final int PATIENCE_SECONDS = 3;

  private final Path path;
  private final Bytes bytes;
  private final LibC libc = LibC.load();

  private MountPoint(Path path) {
    this.path = path;
    this.bytes = rawBytes(path);
  }

  /**
   * The mount point at {@code path}, fit to be mounted on. A mount of ours there whose daemon died
   * is unmounted.
   *
   * @throws MountException if it is not an empty directory, or something of ours is mounted there
   */
  static MountPoint prepare(Path path) throws MountException {
    MountPoint point = new MountPoint(canonical(path));
    point.clearStaleMount();
    point.requireDirectory();
    point.requireNotMounted();
    point.requireEmpty();
    return point;
  }

  /** Absolute, without symbolic links as far as it exists. */
  private static Path canonical(Path path) {
    Path absolute = path.toAbsolutePath().normalize();
    try {
      return absolute.toRealPath();
    } catch (IOException e) {
      // A dead mount has no real path, but its parent has.
      Path parent = absolute.getParent();
      try {
        return parent == null ? absolute : parent.toRealPath().resolve(absolute.getFileName());
      } catch (IOException noParent) {
        return absolute;
      }
    }
  }

  Path path() {
    return path;
  }

  /** The path as a C string, in memory that lives as long as the pointer. */
  Pointer toNative(Runtime runtime) {
    Pointer memory = Memory.allocateDirect(runtime, bytes.length() + 1, true);
    memory.put(0, bytes.unsafeArray(), 0, bytes.length());
    return memory;
  }

  /** The mount of ours on top here. */
  Optional<MountTable.Entry> mounted() {
    return MountTable.at(bytes).filter(entry -> entry.type().equals(TYPE));
  }

  /**
   * Unmounts what is on top here; files that are open live on. Waits as long as the kernel does,
   * which first writes back what it holds.
   *
   * @throws IOException if it is still mounted; the message is a sentence
   */
  void unmount() throws IOException {
    // Only root may; and fusermount, for the user who mounted.
    if (libc.umount2(toNative(Runtime.getRuntime(libc)), LibC.MNT_DETACH) != 0) {
      fusermount();
    }
  }

  private void fusermount() throws IOException {
    ProcessBuilder command =
        new ProcessBuilder("fusermount", "-u", "-z", "-q", "--", path.toString())
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .redirectError(ProcessBuilder.Redirect.DISCARD);
    Process process = command.start();
    try {
      if (!process.waitFor(FUSERMOUNT_SECONDS, TimeUnit.SECONDS) || process.exitValue() != 0) {
        throw new IOException(
            path + " could not be unmounted: do it as root with 'umount -l " + path + "'.");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("The unmounting of " + path + " was interrupted.", e);
    } finally {
      process.destroy();
    }
  }

  private void clearStaleMount() throws MountException {
    if (mounted().isEmpty() || !isDead()) {
      return;
    }
    try {
      unmount();
    } catch (IOException e) {
      throw new MountException(
          "At " + path + " is the mount of a daemon that died: free it with 'fusermount -uz'.", e);
    }
    log.info("Unmounted {}, which a daemon that died had left.", path);
  }

  /**
   * Whether nobody serves the mount.
   *
   * @throws MountException if not even that can be told: its daemon may only stand still, with
   *     something that is not saved
   */
  private boolean isDead() throws MountException {
    CompletableFuture<Boolean> answer = new CompletableFuture<>();
    Thread asker = new Thread(() -> answer.complete(isRefused()), "redisfuse-ask-mount");
    asker.setDaemon(true);
    asker.start();
    try {
      return answer.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
    } catch (TimeoutException e) {
      throw new MountException(
          "The redisfuse mount at "
              + path
              + " does not answer: its daemon stands still, or has ended badly; end it, and as root run"
              + " 'umount -f "
              + path
              + "', which ends also what waits for it.",
          e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    } catch (ExecutionException e) {
      throw new IllegalStateException("Asking a mount for its capacity failed.", e);
    }
  }

  /**
   * Whether nobody answers: a dead mount says ENOTCONN, another user's EACCES. Its capacity is
   * asked for, since the kernel knows the attributes of its root by itself.
   */
  private boolean isRefused() {
    try {
      return Files.getFileStore(path).getTotalSpace() < 0;
    } catch (NoSuchFileException | AccessDeniedException e) {
      return false;
    } catch (IOException e) {
      return true;
    }
  }

  private void requireDirectory() throws MountException {
    try {
      if (!Files.readAttributes(path, BasicFileAttributes.class).isDirectory()) {
        throw new MountException(
            "The mount point " + path + " is not a directory: name an empty directory.");
      }
    } catch (NoSuchFileException e) {
      throw new MountException(
          "The mount point " + path + " does not exist: create it with 'mkdir -p " + path + "'.",
          e);
    } catch (MountException e) {
      throw e;
    } catch (IOException e) {
      throw unusable(e);
    }
  }

  private void requireNotMounted() throws MountException {
    if (mounted().isPresent()) {
      throw new MountException(
          "There is a redisfuse mount at "
              + path
              + " already: unmount it with 'fusermount -u "
              + path
              + "', or name another directory.");
    }
  }

  private void requireEmpty() throws MountException {
    try (DirectoryStream<Path> entries = Files.newDirectoryStream(path)) {
      if (entries.iterator().hasNext()) {
        throw new MountException(
            "The mount point " + path + " is not empty: name an empty directory.");
      }
    } catch (MountException e) {
      throw e;
    } catch (IOException e) {
      throw unusable(e);
    }
  }

  private MountException unusable(IOException e) {
    return new MountException(
        "The mount point " + path + " cannot be used: the system says " + e.getMessage() + ".", e);
  }

  /**
   * The bytes that the system knows a path by, also where the locale cannot spell them: a URI holds
   * the bytes themselves, escaped where they are not ASCII.
   */
  static Bytes rawBytes(Path path) {
    String escaped = path.toUri().getRawPath();
    var bytes = new ByteArrayOutputStream();
    int i = 0;
    while (i < escaped.length()) {
      if (escaped.charAt(i) == '%') {
        bytes.write(Integer.parseInt(escaped.substring(i + 1, i + 3), 16));
        i += 3;
      } else {
        bytes.write(escaped.charAt(i));
        i++;
      }
    }
    Bytes raw = Bytes.wrap(bytes.toByteArray());
    // The URI of a directory ends in a slash.
    boolean slash = raw.length() > 1 && raw.at(raw.length() - 1) == '/';
    return slash ? raw.slice(0, raw.length() - 1) : raw;
  }
}
