package io.redisfuse.daemon;

import io.redisfuse.api.Backend;
import java.nio.file.Path;
import java.time.Duration;

/** Shows what a backend holds to other programs. */
interface Frontend {

  /**
   * Mounts a backend; when it returns, other programs can use the mount. The backend stays the
   * caller's.
   *
   * @throws StartException if that is not possible; then nothing stays mounted
   */
  Mounted mount(Backend backend, Path place) throws StartException;

  /** A backend that is mounted. */
  interface Mounted extends AutoCloseable {

    /** Waits until the mount is gone, whoever unmounted it. */
    void await() throws InterruptedException;

    /**
     * Waits until all keys are known, so that listings are complete; lookups do not need that.
     *
     * @return whether they are; not so after {@code bound}
     */
    boolean awaitIndexed(Duration bound) throws InterruptedException;

    /** How many keys are known so far. */
    long keys();

    /**
     * Takes the mount away from other programs, so that {@link #await} returns; those that hold
     * files open get a moment to close them. Idempotent.
     */
    void unmount();

    /** Unmounts, saves what is dirty as far as it can be, and logs what cannot. Idempotent. */
    @Override
    void close();
  }
}
