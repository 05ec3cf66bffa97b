package io.redisfuse.frontend.fuse.kernel;

import io.redisfuse.api.Bytes;
import io.redisfuse.frontend.files.DirectoryEntry;
import io.redisfuse.frontend.files.EntryList;
import io.redisfuse.frontend.files.FileKind;
import java.nio.ByteBuffer;

/**
 * Lays out a part of a listing as {@code struct fuse_dirent} of {@code linux/fuse.h}.
 *
 * <p>An entry's offset is its position in the listing, where {@code .} and {@code ..} come first,
 * so that {@code telldir} and {@code seekdir} hold for as long as the directory is open; together
 * with the listing's edition, so that the kernel, where it keeps listings, does not go on in one
 * for who has begun with another. It fits into what 32-bit programs have for it.
 */
public final class Dirents {

  /** Inode, next offset, length of the name, type. */
  private static final int HEADER_BYTES = 24;

  private static final int ALIGNMENT = 8;

  /** What libfuse gives for an inode that nobody knows ({@code FUSE_UNKNOWN_INO}). */
  private static final long UNKNOWN_INODE = 0xffff_ffffL;

  private static final Bytes SELF = Bytes.utf8(".");
  private static final Bytes PARENT = Bytes.utf8("..");
  private static final int DOTS = 2;

  /** Of the position. Longer listings are not kept by the kernel. */
  private static final int POSITION_BITS = 17;

  private static final int EDITION_BITS = 31 - POSITION_BITS;

  private Dirents() {}

  /**
   * Fills {@code into} with the entries from {@code offset}, as far as whole entries fit.
   *
   * @param inode the inode of the directory itself
   * @return whether the first of them fitted, or there are no more
   */
  public static boolean fill(ByteBuffer into, long offset, long inode, EntryList entries) {
    int start = into.position();
    for (long at = position(offset, entries); at < end(entries); at++) {
      DirectoryEntry entry = entry(at, inode, entries);
      if (into.remaining() < length(entry)) {
        return into.position() > start;
      }
      add(into, entry, offset(at + 1, entries));
    }
    return true;
  }

  /** The position that an offset stands for. */
  static long position(long offset, EntryList entries) {
    return isLong(entries) ? offset : offset & ((1 << POSITION_BITS) - 1);
  }

  /** The offset of a position. */
  static long offset(long position, EntryList entries) {
    return isLong(entries)
        ? position
        : position | entries.edition() % (1 << EDITION_BITS) << POSITION_BITS;
  }

  private static boolean isLong(EntryList entries) {
    return end(entries) >= 1 << POSITION_BITS;
  }

  /** The position after the last entry. */
  static long end(EntryList entries) {
    return DOTS + (long) entries.size();
  }

  /** Whether the entry at a position is {@code .} or {@code ..}. */
  static boolean isDots(long position) {
    return position < DOTS;
  }

  /** The entry at a position before the {@link #end}. */
  static DirectoryEntry entry(long position, long inode, EntryList entries) {
    return isDots(position)
        ? dots((int) position, inode)
        : entries.entries().get((int) position - DOTS);
  }

  private static DirectoryEntry dots(int at, long inode) {
    return at == 0
        ? new DirectoryEntry(SELF, FileKind.DIRECTORY, inode)
        : new DirectoryEntry(PARENT, FileKind.DIRECTORY, UNKNOWN_INODE);
  }

  /** How many bytes an entry takes. */
  static int length(DirectoryEntry entry) {
    return (HEADER_BYTES + entry.name().length() + ALIGNMENT - 1) & -ALIGNMENT;
  }

  /**
   * Adds an entry, for which there must be room.
   *
   * @param next the offset of the one after it
   */
  static void add(ByteBuffer into, DirectoryEntry entry, long next) {
    int nameBytes = entry.name().length();
    int padding = length(entry) - HEADER_BYTES - nameBytes;
    into.putLong(entry.inode());
    into.putLong(next);
    into.putInt(nameBytes);
    into.putInt(direntType(entry.kind()));
    into.put(entry.name().asByteBuffer());
    for (int i = 0; i < padding; i++) {
      into.put((byte) 0);
    }
  }

  /** {@code DT_REG}, {@code DT_DIR} or {@code DT_LNK} of {@code dirent.h}. */
  private static int direntType(FileKind kind) {
    return switch (kind) {
      case FILE -> 8;
      case DIRECTORY -> 4;
      case SYMLINK -> 10;
    };
  }
}
