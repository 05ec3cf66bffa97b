package io.redisfuse.frontend.files;

import io.redisfuse.api.Bytes;
import io.redisfuse.frontend.files.locks.FileLocks;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.time.InstantSource;
import java.util.AbstractList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;

/**
 * A file system and, in its root, the directory {@code .redisfuse} with the file {@code status},
 * which says how all of it is. Both can be looked up and read; the directory is not listed, and
 * nothing in it can be changed, by anybody.
 *
 * <p>What is asked of these two is answered here, and waits for nobody. The text is made at each
 * open, so that who reads sees one text, past the kernel's cache. The size that is told is that of
 * the text that was opened last and is open still, or else of one that is made to be measured.
 *
 * <p>What the file system has in its root under the same name is listed as {@code %2Eredisfuse},
 * which means the same to it, and can be used by that name.
 */
public final class StatusFileSystem implements FileSystem {

  private static final Bytes DIRECTORY = Bytes.utf8(".redisfuse");
  private static final Bytes FILE = Bytes.utf8("status");

  /** Another spelling of the name, for what a user keeps under it. */
  private static final Bytes RESPELLED = Bytes.utf8("%2Eredisfuse");

  /** Others count nodes and handles from one. */
  private static final long DIRECTORY_NODE = 1L << 62;

  private static final long FILE_NODE = DIRECTORY_NODE + 1;
  private static final long FIRST_HANDLE = 1L << 62;

  /** Between those that are counted from one, and those of files. */
  private static final long DIRECTORY_INODE = 1L << 39;

  private static final long FILE_INODE = DIRECTORY_INODE + 1;

  private final FileSystem files;
  private final Supplier<Bytes> status;
  private final int owner;
  private final int group;
  private final InstantSource clock;
  private final Instant since;
  private final AtomicLong lastHandle = new AtomicLong(FIRST_HANDLE);

  /** What is open, by handle. */
  private final Map<Long, Text> texts = new ConcurrentHashMap<>();

  /** The last that was opened, or null; perhaps closed meanwhile. */
  private volatile Text last;

  /** Handles of the root's listings. */
  private final Set<Long> roots = ConcurrentHashMap.newKeySet();

  /** Handles of the listings of the directory. */
  private final Set<Long> listings = ConcurrentHashMap.newKeySet();

  /** What somebody reads who has opened the file. */
  private record Text(long handle, Bytes bytes, Instant made) {}

  /**
   * Adds the status to a file system, which is closed with this.
   *
   * @param status the text; is called by many threads, and must not wait for anything
   */
  public StatusFileSystem(
      FileSystem files, Supplier<Bytes> status, int owner, int group, InstantSource clock) {
    this.files = files;
    this.status = status;
    this.owner = owner;
    this.group = group;
    this.clock = clock;
    this.since = clock.instant();
  }

  private static boolean isOurs(long node) {
    return node == DIRECTORY_NODE || node == FILE_NODE;
  }

  /** Whether a name is ours, or would be in our directory. */
  private static boolean isOurs(long parent, Bytes name) {
    return isOurs(parent) || (parent == ROOT && name.equals(DIRECTORY));
  }

  private static void requireNotOurs(long parent, Bytes name) {
    if (isOurs(parent, name)) {
      throw new FsException(
          FsError.ACCESS,
          "The name "
              + name
              + (parent == ROOT ? "" : " in " + DIRECTORY)
              + " is redisfuse's own, which only shows there how it is; take another one.");
    }
  }

  private static void requireNotOurs(long node) {
    if (isOurs(node)) {
      throw new FsException(
          FsError.ACCESS,
          "The file " + DIRECTORY + "/" + FILE + " is made by redisfuse and can only be read.");
    }
  }

  private Optional<Attributes> find(long parent, Bytes name) {
    if (parent == ROOT) {
      return Optional.of(ofDirectory());
    }
    return parent == DIRECTORY_NODE && name.equals(FILE) ? Optional.of(ofFile()) : Optional.empty();
  }

  private Attributes ofDirectory() {
    return attributes(
        DIRECTORY_NODE, DIRECTORY_INODE, FileKind.DIRECTORY, 0555, 0, since, Attributes.UNTIL_TOLD);
  }

  private Attributes ofFile() {
    Text open = last;
    return open != null && texts.containsKey(open.handle()) ? ofFile(open) : ofFile(made());
  }

  private Attributes ofFile(Text text) {
    return attributes(
        FILE_NODE,
        FILE_INODE,
        FileKind.FILE,
        0444,
        text.bytes().length(),
        text.made(),
        /* validNanos= */ 0);
  }

  private Attributes attributes(
      long node,
      long inode,
      FileKind kind,
      int permissions,
      long size,
      Instant time,
      long validNanos) {
    int links = kind == FileKind.DIRECTORY ? 2 : 1;
    return new Attributes(
        node, inode, kind, permissions, links, owner, group, size, time, time, time, validNanos);
  }

  private Text made() {
    return new Text(lastHandle.incrementAndGet(), status.get(), clock.instant());
  }

  // ---- looking

  @Override
  public Attributes lookup(long parent, Bytes name) {
    if (!isOurs(parent, name)) {
      return files.lookup(parent, name);
    }
    return find(parent, name)
        .orElseThrow(
            () ->
                new FsException(
                    FsError.NO_ENTRY, "There is no " + name + " in " + DIRECTORY + "."));
  }

  @Override
  public Looked look(long parent, Bytes name) {
    return isOurs(parent, name)
        ? new Looked(find(parent, name), Attributes.UNTIL_TOLD)
        : files.look(parent, name);
  }

  @Override
  public void tell(KernelCache cache) {
    files.tell(cache);
  }

  @Override
  public void forget(long node, long lookups) {
    if (!isOurs(node)) {
      files.forget(node, lookups);
    }
  }

  @Override
  public Attributes attributes(long node, Caller caller) {
    if (!isOurs(node)) {
      return files.attributes(node, caller);
    }
    return node == DIRECTORY_NODE ? ofDirectory() : ofFile();
  }

  @Override
  public Attributes attributesOfHandle(long handle) {
    Text text = texts.get(handle);
    return text == null ? files.attributesOfHandle(handle) : ofFile(text);
  }

  // ---- reading

  @Override
  public long open(long node, OpenMode mode, Caller caller) {
    if (!isOurs(node)) {
      return files.open(node, mode, caller);
    }
    if (node == DIRECTORY_NODE) {
      throw new FsException(FsError.IS_DIRECTORY, DIRECTORY + " is a directory.");
    }
    if (!mode.onlyReads()) {
      requireNotOurs(node);
    }
    Text text = made();
    texts.put(text.handle(), text);
    last = text;
    return text.handle();
  }

  @Override
  public boolean bypassesCache(long handle) {
    return texts.containsKey(handle) || files.bypassesCache(handle);
  }

  @Override
  public boolean keepsCache(long handle) {
    return !texts.containsKey(handle) && files.keepsCache(handle);
  }

  @Override
  public boolean outdatesAttributes(long handle) {
    return !texts.containsKey(handle) && files.outdatesAttributes(handle);
  }

  @Override
  public int read(long handle, long offset, ByteBuffer into) {
    Text text = texts.get(handle);
    if (text == null) {
      return files.read(handle, offset, into);
    }
    int length = text.bytes().length();
    int start = (int) Math.min(offset, length);
    int end = Math.min(length, start + into.remaining());
    into.put(text.bytes().slice(start, end).asByteBuffer());
    return end - start;
  }

  @Override
  public int write(long handle, long offset, ByteBuffer from) {
    if (texts.containsKey(handle)) {
      throw Opened.notOpenFor("writing");
    }
    return files.write(handle, offset, from);
  }

  @Override
  public void flush(long handle, Caller caller) {
    if (!texts.containsKey(handle)) {
      files.flush(handle, caller);
    }
  }

  @Override
  public void fsync(long handle, Caller caller) {
    if (!texts.containsKey(handle)) {
      files.fsync(handle, caller);
    }
  }

  @Override
  public void release(long handle) {
    if (texts.remove(handle) == null) {
      files.release(handle);
    }
  }

  @Override
  public void takeBack(long handle) {
    if (texts.remove(handle) == null) {
      files.takeBack(handle);
    }
  }

  @Override
  public Bytes readLink(long node) {
    if (isOurs(node)) {
      throw new FsException(FsError.INVALID, "The node " + node + " is no symbolic link.");
    }
    return files.readLink(node);
  }

  // ---- listing

  @Override
  public long openDirectory(long node, Caller caller) {
    if (node == DIRECTORY_NODE) {
      long handle = lastHandle.incrementAndGet();
      listings.add(handle);
      return handle;
    }
    if (node == FILE_NODE) {
      throw new FsException(FsError.NOT_DIRECTORY, DIRECTORY + "/" + FILE + " is a file.");
    }
    long handle = files.openDirectory(node, caller);
    if (node == ROOT) {
      roots.add(handle);
    }
    return handle;
  }

  @Override
  public boolean cachesEntries(long directoryHandle) {
    return !listings.contains(directoryHandle) && files.cachesEntries(directoryHandle);
  }

  @Override
  public boolean keepsEntries(long directoryHandle) {
    return !listings.contains(directoryHandle) && files.keepsEntries(directoryHandle);
  }

  @Override
  public EntryList entries(long directoryHandle, ListedFrom from) {
    if (listings.contains(directoryHandle)) {
      return new EntryList(
          List.of(new DirectoryEntry(FILE, FileKind.FILE, FILE_INODE)), /* edition= */ 0);
    }
    EntryList entries = files.entries(directoryHandle, from);
    return roots.contains(directoryHandle)
        ? new EntryList(new Respelled(entries.entries()), entries.edition())
        : entries;
  }

  /** What is in the root, with another spelling of our name. */
  private static final class Respelled extends AbstractList<DirectoryEntry> {
    private final List<DirectoryEntry> entries;

    private Respelled(List<DirectoryEntry> entries) {
      this.entries = entries;
    }

    @Override
    public DirectoryEntry get(int index) {
      DirectoryEntry entry = entries.get(index);
      return entry.name().equals(DIRECTORY)
          ? new DirectoryEntry(RESPELLED, entry.kind(), entry.inode(), entry.isCostly())
          : entry;
    }

    @Override
    public int size() {
      return entries.size();
    }
  }

  @Override
  public void releaseDirectory(long directoryHandle) {
    if (!listings.remove(directoryHandle)) {
      roots.remove(directoryHandle);
      files.releaseDirectory(directoryHandle);
    }
  }

  // ---- changing

  @Override
  public Attributes setAttributes(
      long node, OptionalLong handle, AttributeChange change, Caller caller) {
    requireNotOurs(node);
    return files.setAttributes(node, handle, change, caller);
  }

  @Override
  public Created create(long parent, Bytes name, int permissions, OpenMode mode, Caller caller) {
    requireNotOurs(parent, name);
    return files.create(parent, name, permissions, mode, caller);
  }

  @Override
  public Attributes makeFile(long parent, Bytes name, int permissions, Caller caller) {
    requireNotOurs(parent, name);
    return files.makeFile(parent, name, permissions, caller);
  }

  @Override
  public Attributes makeSymlink(Bytes target, long parent, Bytes name, Caller caller) {
    requireNotOurs(parent, name);
    return files.makeSymlink(target, parent, name, caller);
  }

  @Override
  public void unlink(long parent, Bytes name, Caller caller) {
    requireNotOurs(parent, name);
    files.unlink(parent, name, caller);
  }

  @Override
  public Attributes makeDirectory(long parent, Bytes name, int permissions, Caller caller) {
    requireNotOurs(parent, name);
    return files.makeDirectory(parent, name, permissions, caller);
  }

  @Override
  public void removeDirectory(long parent, Bytes name, Caller caller) {
    requireNotOurs(parent, name);
    files.removeDirectory(parent, name, caller);
  }

  @Override
  public void rename(long parent, Bytes name, long newParent, Bytes newName, Caller caller) {
    requireNotOurs(parent, name);
    requireNotOurs(newParent, newName);
    files.rename(parent, name, newParent, newName, caller);
  }

  @Override
  public void renameToFree(long parent, Bytes name, long newParent, Bytes newName, Caller caller) {
    requireNotOurs(parent, name);
    requireNotOurs(newParent, newName);
    files.renameToFree(parent, name, newParent, newName, caller);
  }

  @Override
  public void exchange(long parent, Bytes name, long otherParent, Bytes otherName, Caller caller) {
    requireNotOurs(parent, name);
    requireNotOurs(otherParent, otherName);
    files.exchange(parent, name, otherParent, otherName, caller);
  }

  // ---- all of it

  @Override
  public Capacity capacity() {
    return files.capacity();
  }

  @Override
  public FileLocks locks() {
    return files.locks();
  }

  @Override
  public void close() {
    files.close();
  }
}
