package io.redisfuse.frontend.fuse;

import static java.util.concurrent.TimeUnit.NANOSECONDS;

import io.redisfuse.frontend.files.FileSystem;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A {@link FileSystem} mounted in a directory.
 *
 * <p>Ends by {@link #close} or from outside ({@code fusermount -u}, {@code umount}), whichever
 * comes first. The file system is not closed with it: its owner does that afterwards. Installs no
 * signal handlers and no shutdown hook. Safe for any number of threads.
 */
public final class FuseMount implements AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(FuseMount.class);

  private static final Duration PREPARATION = Duration.ofSeconds(10);
  private static final Duration FIRST_STAT = Duration.ofSeconds(30);

  private final MountPoint point;
  private final Duration patience;
  private final Connection connection;
  private final CountDownLatch ended = new CountDownLatch(1);

  /** What the kernel knows the mount by, as far as it was still mounted when that was asked. */
  private final Optional<MountTable.Entry> mounted;

  private FuseMount(MountPoint point, Connection connection, MountOptions options) {
    this.point = point;
    this.patience = options.patience();
    this.connection = connection;
    this.mounted = point.mounted();
    startDaemon(
        "fuse-mount",
        () -> {
          try {
            connection.serve(options.threads());
          } finally {
            ended.countDown();
          }
        });
  }

  /**
   * Mounts {@code files} at {@code mountPoint}, an empty directory. When this returns the mount has
   * answered a first request. What a daemon that died left mounted there is unmounted first.
   *
   * @throws MountException if it cannot be mounted; nothing is left behind
   */
  public static FuseMount mount(Path mountPoint, FileSystem files, MountOptions options)
      throws MountException {
    LibFuse fuse = LibFuse.load(LibFuse.NAME);
    Privileges.require(options);
    MountPoint point = prepare(mountPoint);
    Connection connection =
        switch (options.binding()) {
          case LIBFUSE ->
              Session.open(
                  fuse,
                  point,
                  new Requests(fuse, files, options.attributeTimeout(), Clock.systemUTC()),
                  options);
          case KERNEL -> KernelConnection.open(fuse, point, files, options);
        };
    FuseMount mount = new FuseMount(point, connection, options);
    mount.requireUsable();
    return mount;
  }

  /** Does not wait for a mount there whose daemon hangs. */
  private static MountPoint prepare(Path mountPoint) throws MountException {
    try {
      return within(PREPARATION, "prepare", () -> MountPoint.prepare(mountPoint));
    } catch (ExecutionException e) {
      if (e.getCause() instanceof MountException failure) {
        throw failure;
      }
      throw new MountException("The mount point " + mountPoint + " cannot be used.", e.getCause());
    } catch (TimeoutException e) {
      throw new MountException(
          "The mount point "
              + mountPoint
              + " does not answer, as if a mount there hangs: free it with 'fusermount -uz "
              + mountPoint
              + "', or name another directory.",
          e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new MountException("The mounting of " + mountPoint + " was interrupted.", e);
    }
  }

  /** The directory, absolute and without symbolic links. */
  public Path mountPoint() {
    return point.path();
  }

  /**
   * Waits until the mount has ended: it is unmounted, its last open file is closed, every request
   * was answered, and the file system is called no more.
   */
  public void awaitUnmounted() throws InterruptedException {
    ended.await();
  }

  /** As {@link #awaitUnmounted()}, but no longer than {@code bound}; returns whether it ended. */
  public boolean awaitUnmounted(Duration bound) throws InterruptedException {
    return ended.await(bound.toNanos(), NANOSECONDS);
  }

  /**
   * Unmounts and waits until the mount has ended, but no longer than twice the options' patience.
   * Where programs still hold files open then, they get ENODEV from now on; in any case the file
   * system gets no new calls after this returned. Idempotent.
   */
  @Override
  public void close() {
    try {
      unmount();
      if (!awaitUnmounted(patience)) {
        log.warn(
            "Programs still hold files of {} open after {} s; they get errors from now on.",
            point.path(),
            patience.toSeconds());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      log.warn("The unmounting of {} was interrupted.", point.path());
    } finally {
      connection.end();
    }
  }

  private void unmount() throws InterruptedException {
    // A mount that somebody else made here since is not ours to unmount.
    if (ended.getCount() == 0 || mounted.isEmpty() || !point.mounted().equals(mounted)) {
      return;
    }
    try {
      within(
          patience,
          "unmount",
          () -> {
            point.unmount();
            return null;
          });
    } catch (TimeoutException e) {
      log.warn("The unmounting of {} takes longer than {} s.", point.path(), patience.toSeconds());
    } catch (ExecutionException e) {
      log.warn("{}", e.getCause().getMessage());
    }
  }

  private void requireUsable() throws MountException {
    try {
      within(
          FIRST_STAT,
          "first-stat",
          () -> Files.readAttributes(point.path(), BasicFileAttributes.class));
    } catch (TimeoutException | ExecutionException e) {
      close();
      throw new MountException(
          "The mount at " + point.path() + " does not answer; the log says why.", e);
    } catch (InterruptedException e) {
      close();
      Thread.currentThread().interrupt();
      throw new MountException("The mounting of " + point.path() + " was interrupted.", e);
    }
  }

  /** Calls what may hang in the kernel, where no interrupt reaches it. */
  private static <T> T within(Duration bound, String name, Callable<T> call)
      throws InterruptedException, ExecutionException, TimeoutException {
    FutureTask<T> task = new FutureTask<>(call);
    startDaemon("fuse-" + name, task);
    return task.get(bound.toNanos(), TimeUnit.NANOSECONDS);
  }

  private static void startDaemon(String name, Runnable work) {
    Thread thread = new Thread(work, name);
    thread.setDaemon(true);
    thread.start();
  }
}
