package io.redisfuse.frontend.fuse;

import java.time.Duration;
import java.util.EnumSet;
import java.util.Objects;
import java.util.Set;
import java.util.function.LongConsumer;

/**
 * How to mount.
 *
 * @param flags what differs from an ordinary mount
 * @param fsName the source that {@code mount} and {@code df} show; everybody can read it
 * @param threads how many requests are served at the same time; a request may wait for a backend
 * @param attributeTimeout of the binding through libfuse: how long the kernel may go on with
 *     attributes that it was told, as long as no path is walked to them; the kernel rounds it up to
 *     its clock's next tick. Zero asks anew each time; a millisecond spares about half of all
 *     requests
 * @param binding how the kernel is spoken to
 * @param patience how long {@link FuseMount#close} waits for programs to let go of open files
 * @param told hears for how many nanoseconds something that the kernel keeps, and that was
 *     outdated, waited until the kernel had been told; called by several threads. Through libfuse
 *     it keeps nothing
 */
public record MountOptions(
    Set<Flag> flags,
    String fsName,
    int threads,
    Duration attributeTimeout,
    Binding binding,
    Duration patience,
    LongConsumer told) {

  /** One property of a mount. */
  public enum Flag {
    /** Users other than the mounting one (and root is another) may use the mount. */
    ALLOW_OTHER,
    /** The kernel refuses every change with EROFS. */
    READ_ONLY
  }

  /** A way to speak to the kernel. */
  public enum Binding {
    /** Through libfuse's low-level interface. */
    LIBFUSE,
    /** In the kernel's own protocol. */
    KERNEL
  }

  public MountOptions {
    Objects.requireNonNull(binding, "binding");
    flags = Set.copyOf(flags);
    Objects.requireNonNull(patience, "patience");
    Objects.requireNonNull(told, "told");
    if (attributeTimeout.isNegative()) {
      throw new IllegalArgumentException("An attribute timeout of " + attributeTimeout + ".");
    }
    if (fsName.isEmpty() || fsName.chars().anyMatch(Character::isISOControl)) {
      throw new IllegalArgumentException(
          "The name of a mount's source must be printable text, not '" + fsName + "'.");
    }
    if (threads < 1) {
      throw new IllegalArgumentException("A mount needs at least one thread, not " + threads + ".");
    }
  }

  /**
   * An ordinary mount, named {@code redisfuse}, with 8 threads, no timeouts and 10 s of patience.
   */
  public static MountOptions defaults() {
    return new MountOptions(
        Set.of(),
        "redisfuse",
        8,
        Duration.ZERO,
        Binding.LIBFUSE,
        Duration.ofSeconds(10),
        lag -> {});
  }

  /** These options with one flag more. */
  public MountOptions with(Flag flag) {
    EnumSet<Flag> more = EnumSet.of(flag);
    more.addAll(flags);
    return new MountOptions(more, fsName, threads, attributeTimeout, binding, patience, told);
  }

  public MountOptions withFsName(String name) {
    return new MountOptions(flags, name, threads, attributeTimeout, binding, patience, told);
  }

  public MountOptions withThreads(int count) {
    return new MountOptions(flags, fsName, count, attributeTimeout, binding, patience, told);
  }

  public MountOptions withAttributeTimeout(Duration timeout) {
    return new MountOptions(flags, fsName, threads, timeout, binding, patience, told);
  }

  public MountOptions withBinding(Binding way) {
    return new MountOptions(flags, fsName, threads, attributeTimeout, way, patience, told);
  }

  public MountOptions withPatience(Duration bound) {
    return new MountOptions(flags, fsName, threads, attributeTimeout, binding, bound, told);
  }

  public MountOptions withTold(LongConsumer who) {
    return new MountOptions(flags, fsName, threads, attributeTimeout, binding, patience, who);
  }
}
