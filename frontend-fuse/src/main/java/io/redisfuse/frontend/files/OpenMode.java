package io.redisfuse.frontend.files;

import java.util.EnumSet;
import java.util.Set;

/** How a file is opened, as in the flags of {@code open(2)}. */
public record OpenMode(Set<Flag> flags) {

  /** One property of an open. */
  public enum Flag {
    READ,
    WRITE,
    /** O_APPEND: each write goes to the end. */
    APPEND,
    /** O_TRUNC: the content is dropped first. */
    TRUNCATE,
    /** O_EXCL, of a creation: it must not exist, on any mount. */
    EXCLUSIVE
  }

  public OpenMode {
    flags = Set.copyOf(flags);
  }

  /** The mode with just these flags. */
  public static OpenMode of(Flag... flags) {
    return new OpenMode(Set.of(flags));
  }

  /**
   * From the flags of Linux' {@code open(2)}, whose numbers are the same on all architectures that
   * matter here.
   */
  public static OpenMode ofLinux(int flags) {
    EnumSet<Flag> mode = EnumSet.noneOf(Flag.class);
    int access = flags & 3;
    if (access != 1) {
      mode.add(Flag.READ);
    }
    if (access != 0) {
      mode.add(Flag.WRITE);
    }
    if ((flags & 02000) != 0) {
      mode.add(Flag.APPEND);
    }
    if ((flags & 01000) != 0) {
      mode.add(Flag.TRUNCATE);
    }
    if ((flags & 0200) != 0) {
      mode.add(Flag.EXCLUSIVE);
    }
    return new OpenMode(mode);
  }

  /** The mode without what happens only once, at the open. */
  OpenMode onceOpen() {
    EnumSet<Flag> mode = EnumSet.noneOf(Flag.class);
    mode.addAll(flags);
    mode.remove(Flag.TRUNCATE);
    mode.remove(Flag.EXCLUSIVE);
    return new OpenMode(mode);
  }

  public boolean reads() {
    return flags.contains(Flag.READ);
  }

  public boolean writes() {
    return flags.contains(Flag.WRITE);
  }

  /** Nothing can be changed with it, not even at the open. */
  public boolean onlyReads() {
    return reads() && !writes() && !truncates();
  }

  public boolean appends() {
    return flags.contains(Flag.APPEND);
  }

  public boolean truncates() {
    return flags.contains(Flag.TRUNCATE);
  }

  public boolean exclusive() {
    return flags.contains(Flag.EXCLUSIVE);
  }
}
