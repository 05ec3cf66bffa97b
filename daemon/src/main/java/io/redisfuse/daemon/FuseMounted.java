package io.redisfuse.daemon;

import io.redisfuse.frontend.files.FileSystem;
import io.redisfuse.frontend.fuse.FuseMount;
import io.redisfuse.frontend.tree.LiveIndex;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;

/** A FUSE mount with the file system and the index behind it, which end with it. */
final class FuseMounted implements Frontend.Mounted {

  private final FuseMount mount;
  private final FileSystem files;
  private final LiveIndex index;
  private final CountDownLatch gone = new CountDownLatch(1);

  FuseMounted(FuseMount mount, FileSystem files, LiveIndex index) {
    this.mount = mount;
    this.files = files;
    this.index = index;
    Thread waiter = new Thread(this::waitForUnmount, "wait-for-unmount");
    waiter.setDaemon(true);
    waiter.start();
  }

  @Override
  public void await() throws InterruptedException {
    gone.await();
  }

  @Override
  public boolean awaitIndexed(Duration bound) throws InterruptedException {
    return index.awaitComplete(bound);
  }

  @Override
  public long keys() {
    return index.size();
  }

  @Override
  public void unmount() {
    mount.close();
    // A program that goes on holding a file open does not keep this daemon from leaving.
    gone.countDown();
  }

  @Override
  public void close() {
    unmount();
    files.close();
    index.close();
  }

  private void waitForUnmount() {
    try {
      mount.awaitUnmounted();
      gone.countDown();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
