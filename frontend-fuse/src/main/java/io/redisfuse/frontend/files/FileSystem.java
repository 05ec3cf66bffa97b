package io.redisfuse.frontend.files;

import io.redisfuse.api.Bytes;
import io.redisfuse.frontend.files.locks.FileLocks;
import java.nio.ByteBuffer;
import java.util.OptionalLong;

/**
 * A tree of nodes, as a FUSE binding asks for it. Names and nodes, never paths; no rule of any
 * binding.
 *
 * <p>Safe for any number of threads. Every method throws {@link FsException} and nothing else that
 * is expected. A node stays valid from the {@link #lookup} (or creation) that returned it until it
 * was {@link #forget forgotten} as often as it was looked up, and as long as a handle of it is
 * open.
 */
public interface FileSystem extends AutoCloseable {

  /** The root directory's node. */
  long ROOT = 1;

  /** The node of a name in a directory; counts as one lookup of it. */
  Attributes lookup(long parent, Bytes name);

  /**
   * What a name in a directory stands for, and for how long that may be relied on; counts as one
   * lookup of its node, if it has one.
   */
  Looked look(long parent, Bytes name);

  /**
   * From now on tells the cache what may not be relied on any more of what {@link #look} and {@link
   * #attributes} have said, and of what was read through handles that {@linkplain #bypassesCache do
   * not bypass} the kernel's cache. Once only, before anything is asked.
   */
  void tell(KernelCache cache);

  /** Takes back {@code lookups} lookups of a node. Unknown nodes are ignored. */
  void forget(long node, long lookups);

  /**
   * The attributes of a node. Who has the file open for reading gets the size of what he reads: the
   * kernel does not say by which handle he asks.
   */
  Attributes attributes(long node, Caller caller);

  /** The attributes of the file behind an open handle, in accord with what the handle reads. */
  Attributes attributesOfHandle(long handle);

  /**
   * Changes attributes.
   *
   * @param handle the handle through which it is asked ({@code ftruncate}), if any
   * @return the attributes afterwards
   */
  Attributes setAttributes(long node, OptionalLong handle, AttributeChange change, Caller caller);

  /** Opens a file. */
  long open(long node, OpenMode mode, Caller caller);

  /**
   * Creates a file and opens it, or opens the one that is there unless the mode is exclusive.
   * Counts as one lookup of the node.
   */
  Created create(long parent, Bytes name, int permissions, OpenMode mode, Caller caller);

  /** Creates an empty file at once ({@code mknod}). Counts as one lookup of the node. */
  Attributes makeFile(long parent, Bytes name, int permissions, Caller caller);

  /**
   * Whether what is read and written through a handle must not go through a cache that handles of
   * other processes share, since those may see something else, or must not see what is not saved.
   */
  boolean bypassesCache(long handle);

  /**
   * Whether what the kernel has cached of the file is what the handle sees, so that it need not be
   * dropped at the open.
   */
  boolean keepsCache(long handle);

  /**
   * Whether the handle sees a file of another size than was said of it before: then attributes that
   * were kept must be asked for again. Says so once; to be asked after each open and read.
   */
  boolean outdatesAttributes(long handle);

  /** Reads up to what remains in {@code into}; fewer bytes only at the end. Returns how many. */
  int read(long handle, long offset, ByteBuffer into);

  /** Writes all that remains in {@code from}; returns how many bytes. */
  int write(long handle, long offset, ByteBuffer from);

  /** A descriptor of the handle was closed: saves what is dirty, or says why not. */
  void flush(long handle, Caller caller);

  /** Saves what is dirty, as durably as the mount was asked to. */
  void fsync(long handle, Caller caller);

  /** The last descriptor of the handle is gone. Never fails. */
  void release(long handle);

  /**
   * The handle that was just opened was given to nobody: it goes, and a truncation or creation that
   * came with it is not saved. Never fails.
   */
  void takeBack(long handle);

  /**
   * Creates a symbolic link, of a scratch name only. Counts as one lookup of the node.
   *
   * @param target any text
   */
  Attributes makeSymlink(Bytes target, long parent, Bytes name, Caller caller);

  /** What a symbolic link points to. */
  Bytes readLink(long node);

  void unlink(long parent, Bytes name, Caller caller);

  /** Creates a directory. Counts as one lookup of the node. */
  Attributes makeDirectory(long parent, Bytes name, int permissions, Caller caller);

  void removeDirectory(long parent, Bytes name, Caller caller);

  /** Renames; what had the new name is replaced as POSIX says. */
  void rename(long parent, Bytes name, long newParent, Bytes newName, Caller caller);

  /**
   * Renames to a name that is free ({@code RENAME_NOREPLACE}). Fails with {@link FsError#EXISTS} if
   * it is not, also if another client of the store takes it just then: nothing is ever replaced.
   * What is looked at is the file that would be replaced; others may still make, at the same
   * moment, another key that gets the same name (a directory {@code a:} beside a string {@code a}).
   */
  void renameToFree(long parent, Bytes name, long newParent, Bytes newName, Caller caller);

  /**
   * Exchanges what two names stand for, in one step ({@code RENAME_EXCHANGE}): two ordinary files,
   * with their TTLs as a rename would move them, or two that exist on this machine only. Handles
   * stay with their files. Whatever both hold, both contents are still there afterwards.
   *
   * <p>Fails with {@link FsError#CONFLICT} if one of them is not what the caller's process has seen
   * of it, for who exchanges may be about to remove what he believes to be the old version; and
   * with {@link FsError#INVALID} for whatever cannot be exchanged in one step: directories,
   * collections, and a file of the store with one of this machine.
   */
  void exchange(long parent, Bytes name, long otherParent, Bytes otherName, Caller caller);

  /** Opens a directory: takes one snapshot of its names. */
  long openDirectory(long node, Caller caller);

  /**
   * Whether the kernel may keep the entries that it gets through a handle, and give those that it
   * has to who reads through this one, for as long as the directory's modification time stays what
   * it was before they were listed, and nothing was created, removed or renamed in it.
   */
  boolean cachesEntries(long directoryHandle);

  /** Whether those that the kernel has when the directory is opened need not be dropped. */
  boolean keepsEntries(long directoryHandle);

  /**
   * The snapshot's entries, without {@code .} and {@code ..}.
   *
   * @param from from where they are read. From the start they are those of this moment if they were
   *     read from there before ({@code rewinddir}); else always the same list of a handle
   */
  EntryList entries(long directoryHandle, ListedFrom from);

  /** From where a listing is read. */
  enum ListedFrom {
    START,
    WITHIN
  }

  void releaseDirectory(long directoryHandle);

  Capacity capacity();

  /** The locks that programs take of files, by the numbers of nodes and handles. */
  FileLocks locks();

  /** Saves what is dirty as far as it can be, and logs what cannot. Idempotent. */
  @Override
  void close();
}
