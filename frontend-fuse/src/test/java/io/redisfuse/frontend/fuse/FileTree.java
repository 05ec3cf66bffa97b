package io.redisfuse.frontend.fuse;

import io.redisfuse.api.Bytes;
import io.redisfuse.frontend.files.AttributeChange;
import io.redisfuse.frontend.files.Attributes;
import io.redisfuse.frontend.files.Caller;
import io.redisfuse.frontend.files.Capacity;
import io.redisfuse.frontend.files.Created;
import io.redisfuse.frontend.files.DirectoryEntry;
import io.redisfuse.frontend.files.EntryList;
import io.redisfuse.frontend.files.FileKind;
import io.redisfuse.frontend.files.FileSystem;
import io.redisfuse.frontend.files.FsError;
import io.redisfuse.frontend.files.FsException;
import io.redisfuse.frontend.files.KernelCache;
import io.redisfuse.frontend.files.Looked;
import io.redisfuse.frontend.files.OpenMode;
import io.redisfuse.frontend.files.locks.FileLocks;
import io.redisfuse.frontend.files.locks.LocalLocks;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.reflect.Proxy;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;

/**
 * A plain POSIX tree behind the interface, to test a binding without file rules: content is in
 * unlinked temporary files, everything else in memory. One lock for all, but not while content is
 * read or written.
 */
final class FileTree implements FileSystem {

  private static final int LONGEST_NAME = 255;

  private final Map<Long, Node> nodes = new HashMap<>();
  private final Map<Long, Handle> handles = new HashMap<>();
  private final Map<Long, List<DirectoryEntry>> listings = new HashMap<>();
  private final Map<String, Throwable> faults = new ConcurrentHashMap<>();
  private final Map<String, Integer> calls = new ConcurrentHashMap<>();
  private final Map<String, Caller> callers = new ConcurrentHashMap<>();
  private final FileLocks locks = counted(new LocalLocks());
  private long lastNode = ROOT;
  private long lastHandle;
  private volatile boolean bypassing;

  private static final class Node {
    private final long id;
    private final FileKind kind;
    private final Map<Bytes, Node> children = new TreeMap<>();
    private int permissions;
    private int owner;
    private int group;
    private Instant accessed = Instant.now();
    private Instant modified = accessed;
    private Instant changed = accessed;
    private Bytes target = Bytes.EMPTY;
    private boolean linked = true;
    private long lookups;
    private FileChannel content;

    private Node(long id, FileKind kind, int permissions, Caller caller) {
      this.id = id;
      this.kind = kind;
      this.permissions = permissions;
      this.owner = caller.user();
      this.group = caller.group();
    }

    private synchronized FileChannel content() throws IOException {
      if (content == null) {
        content =
            FileChannel.open(
                Files.createTempFile("redisfuse-tree", ""),
                StandardOpenOption.READ,
                StandardOpenOption.WRITE,
                StandardOpenOption.DELETE_ON_CLOSE);
      }
      return content;
    }

    private synchronized long size() throws IOException {
      return content == null ? 0 : content.size();
    }
  }

  private record Handle(Node node, OpenMode mode) {}

  FileTree() {
    nodes.put(ROOT, new Node(ROOT, FileKind.DIRECTORY, 0755, new Caller(0, 0, 0)));
  }

  /** From now on the operation throws, until it is {@link #heal healed}. */
  void failOn(String operation, Throwable fault) {
    faults.put(operation, fault);
  }

  void heal() {
    faults.clear();
  }

  /** How often an operation was asked for. */
  int calls(String operation) {
    return calls.getOrDefault(operation, 0);
  }

  /** Who last asked for the operation. */
  Caller lastCaller(String operation) {
    return callers.get(operation);
  }

  synchronized int openHandles() {
    return handles.size() + listings.size();
  }

  synchronized int knownNodes() {
    return nodes.size();
  }

  /** Locks whose operations are counted when they have ended. */
  private FileLocks counted(FileLocks counted) {
    return (FileLocks)
        Proxy.newProxyInstance(
            getClass().getClassLoader(),
            new Class<?>[] {FileLocks.class},
            (proxy, method, arguments) -> {
              Object result = method.invoke(counted, arguments);
              calls.merge(method.getName(), 1, Integer::sum);
              return result;
            });
  }

  private void enter(String operation) {
    calls.merge(operation, 1, Integer::sum);
    Throwable fault = faults.get(operation);
    if (fault != null) {
      FileTree.<RuntimeException>sneak(fault);
    }
  }

  private void enter(String operation, Caller caller) {
    callers.put(operation, caller);
    enter(operation);
  }

  @SuppressWarnings("unchecked")
  private static <E extends Throwable> void sneak(Throwable fault) throws E {
    throw (E) fault;
  }

  @Override
  public synchronized Attributes lookup(long parent, Bytes name) {
    enter("lookup");
    return looked(child(parent, name));
  }

  @Override
  public Looked look(long parent, Bytes name) {
    try {
      return new Looked(Optional.of(lookup(parent, name)), 0);
    } catch (FsException e) {
      if (e.error() == FsError.NO_ENTRY) {
        return new Looked(Optional.empty(), 0);
      }
      throw e;
    }
  }

  @Override
  public void tell(KernelCache cache) {
    // Nobody changes it but through the mount, and nothing of it is to be relied on.
  }

  @Override
  public synchronized void forget(long id, long lookups) {
    enter("forget");
    Node node = nodes.get(id);
    if (node != null) {
      node.lookups -= lookups;
      drop(node);
    }
  }

  @Override
  public synchronized Attributes attributes(long id, Caller caller) {
    enter("attributes");
    return describe(node(id));
  }

  @Override
  public synchronized Attributes attributesOfHandle(long handle) {
    enter("attributesOfHandle");
    return describe(handle(handle).node);
  }

  @Override
  public synchronized Attributes setAttributes(
      long id, OptionalLong handle, AttributeChange change, Caller caller) {
    enter("setAttributes", caller);
    Node node = handle.isPresent() ? handle(handle.getAsLong()).node : node(id);
    change.permissions().ifPresent(permissions -> node.permissions = permissions);
    change.owner().ifPresent(owner -> node.owner = owner);
    change.group().ifPresent(group -> node.group = group);
    change.size().ifPresent(size -> resize(node, size));
    change.accessed().ifPresent(time -> node.accessed = time);
    change.modified().ifPresent(time -> node.modified = time);
    node.changed = Instant.now();
    return describe(node);
  }

  @Override
  public synchronized Attributes makeSymlink(Bytes target, long parent, Bytes name, Caller caller) {
    enter("makeSymlink", caller);
    Node link = add(parent, name, FileKind.SYMLINK, 0777, caller);
    link.target = target;
    return looked(link);
  }

  @Override
  public synchronized Bytes readLink(long id) {
    enter("readLink");
    return node(id).target;
  }

  /** From now on what is opened bypasses the kernel's cache. */
  void bypassCache() {
    bypassing = true;
  }

  @Override
  public boolean bypassesCache(long handle) {
    return bypassing;
  }

  @Override
  public boolean keepsCache(long handle) {
    return false;
  }

  @Override
  public boolean outdatesAttributes(long handle) {
    return false;
  }

  @Override
  public synchronized long open(long id, OpenMode mode, Caller caller) {
    enter("open", caller);
    return opened(node(id), mode);
  }

  @Override
  public synchronized Created create(
      long parent, Bytes name, int permissions, OpenMode mode, Caller caller) {
    enter("create", caller);
    Node there = directory(parent).children.get(name);
    if (there != null && mode.exclusive()) {
      throw new FsException(FsError.EXISTS, name + " is there.");
    }
    Node node = there == null ? add(parent, name, FileKind.FILE, permissions, caller) : there;
    return new Created(looked(node), opened(node, mode));
  }

  @Override
  public synchronized Attributes makeFile(long parent, Bytes name, int permissions, Caller caller) {
    enter("makeFile", caller);
    return looked(add(parent, name, FileKind.FILE, permissions, caller));
  }

  @Override
  public int read(long handle, long offset, ByteBuffer into) {
    enter("read");
    Node node = handle(handle).node;
    int start = into.position();
    try {
      int count = 0;
      while (into.hasRemaining() && count >= 0) {
        count = node.content().read(into, offset + into.position() - start);
      }
      return into.position() - start;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public int write(long handle, long offset, ByteBuffer from) {
    enter("write");
    Handle open = handle(handle);
    int size = from.remaining();
    try {
      if (open.mode.appends()) {
        synchronized (open.node) {
          open.node.content().write(from, open.node.content().size());
        }
      } else {
        open.node.content().write(from, offset);
      }
      synchronized (this) {
        open.node.modified = Instant.now();
      }
      return size;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void flush(long handle, Caller caller) {
    enter("flush", caller);
    handle(handle);
  }

  @Override
  public void fsync(long handle, Caller caller) {
    enter("fsync", caller);
    handle(handle);
  }

  @Override
  public synchronized void release(long handle) {
    Node node = handle(handle).node;
    handles.remove(handle);
    drop(node);
  }

  @Override
  public synchronized void unlink(long parent, Bytes name, Caller caller) {
    enter("unlink", caller);
    Node node = child(parent, name);
    if (node.kind == FileKind.DIRECTORY) {
      throw new FsException(FsError.IS_DIRECTORY, name + " is a directory.");
    }
    remove(parent, name);
  }

  @Override
  public synchronized Attributes makeDirectory(
      long parent, Bytes name, int permissions, Caller caller) {
    enter("makeDirectory", caller);
    return looked(add(parent, name, FileKind.DIRECTORY, permissions, caller));
  }

  @Override
  public synchronized void removeDirectory(long parent, Bytes name, Caller caller) {
    enter("removeDirectory", caller);
    Node node = child(parent, name);
    if (node.kind != FileKind.DIRECTORY) {
      throw new FsException(FsError.NOT_DIRECTORY, name + " is no directory.");
    }
    if (!node.children.isEmpty()) {
      throw new FsException(FsError.NOT_EMPTY, name + " is not empty.");
    }
    remove(parent, name);
  }

  @Override
  public synchronized void rename(
      long parent, Bytes name, long newParent, Bytes newName, Caller caller) {
    enter("rename", caller);
    Node node = child(parent, name);
    requireName(newName);
    Node replaced = directory(newParent).children.get(newName);
    if (replaced == node) {
      return;
    }
    if (replaced != null) {
      if (!replaced.children.isEmpty()) {
        throw new FsException(FsError.NOT_EMPTY, newName + " is not empty.");
      }
      remove(newParent, newName);
    }
    directory(parent).children.remove(name);
    directory(newParent).children.put(newName, node);
  }

  @Override
  public synchronized void renameToFree(
      long parent, Bytes name, long newParent, Bytes newName, Caller caller) {
    enter("renameToFree", caller);
    if (directory(newParent).children.containsKey(newName)) {
      throw new FsException(FsError.EXISTS, newName + " is there.");
    }
    rename(parent, name, newParent, newName, caller);
  }

  @Override
  public synchronized void exchange(
      long parent, Bytes name, long otherParent, Bytes otherName, Caller caller) {
    enter("exchange", caller);
    Node node = child(parent, name);
    Node other = child(otherParent, otherName);
    directory(parent).children.put(name, other);
    directory(otherParent).children.put(otherName, node);
  }

  @Override
  public synchronized long openDirectory(long id, Caller caller) {
    enter("openDirectory", caller);
    List<DirectoryEntry> listing = new ArrayList<>();
    directory(id)
        .children
        .forEach((name, node) -> listing.add(new DirectoryEntry(name, node.kind, inode(node))));
    listings.put(++lastHandle, List.copyOf(listing));
    return lastHandle;
  }

  @Override
  public synchronized boolean cachesEntries(long directoryHandle) {
    return false;
  }

  @Override
  public synchronized boolean keepsEntries(long directoryHandle) {
    return false;
  }

  @Override
  public synchronized EntryList entries(long directoryHandle, ListedFrom from) {
    enter("entries");
    return new EntryList(listings.get(directoryHandle), 0);
  }

  @Override
  public synchronized void releaseDirectory(long directoryHandle) {
    listings.remove(directoryHandle);
  }

  @Override
  public synchronized Capacity capacity() {
    enter("capacity");
    return new Capacity(4096, 1 << 20, 1 << 19, nodes.size(), LONGEST_NAME);
  }

  @Override
  public void takeBack(long handle) {
    release(handle);
  }

  @Override
  public FileLocks locks() {
    return locks;
  }

  @Override
  public synchronized void close() {
    try {
      for (Node node : nodes.values()) {
        if (node.content != null) {
          node.content.close();
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private Node node(long id) {
    Node node = nodes.get(id);
    if (node == null) {
      throw new FsException(FsError.STALE, "There is no node " + id + ".");
    }
    return node;
  }

  private Node directory(long id) {
    Node node = node(id);
    if (node.kind != FileKind.DIRECTORY) {
      throw new FsException(FsError.NOT_DIRECTORY, "Node " + id + " is no directory.");
    }
    return node;
  }

  private Node child(long parent, Bytes name) {
    requireName(name);
    Node node = directory(parent).children.get(name);
    if (node == null) {
      throw new FsException(FsError.NO_ENTRY, "There is no " + name + ".");
    }
    return node;
  }

  private synchronized Handle handle(long id) {
    Handle handle = handles.get(id);
    if (handle == null) {
      throw new FsException(FsError.BAD_HANDLE, "There is no handle " + id + ".");
    }
    return handle;
  }

  private static void requireName(Bytes name) {
    if (name.length() > LONGEST_NAME) {
      throw new FsException(FsError.NAME_TOO_LONG, name + " is too long.");
    }
  }

  private Node add(long parent, Bytes name, FileKind kind, int permissions, Caller caller) {
    requireName(name);
    Node directory = directory(parent);
    if (directory.children.containsKey(name)) {
      throw new FsException(FsError.EXISTS, name + " is there.");
    }
    Node node = new Node(++lastNode, kind, permissions, caller);
    nodes.put(node.id, node);
    directory.children.put(name, node);
    return node;
  }

  private void remove(long parent, Bytes name) {
    Node node = directory(parent).children.remove(name);
    node.linked = false;
    drop(node);
  }

  private long opened(Node node, OpenMode mode) {
    if (mode.truncates()) {
      resize(node, 0);
    }
    handles.put(++lastHandle, new Handle(node, mode));
    return lastHandle;
  }

  private Attributes looked(Node node) {
    node.lookups++;
    return describe(node);
  }

  /** Lets go of a node that nobody can name any more. */
  private void drop(Node node) {
    boolean open = handles.values().stream().anyMatch(handle -> handle.node == node);
    if (!node.linked && node.lookups == 0 && !open) {
      nodes.remove(node.id);
      try {
        if (node.content != null) {
          node.content.close();
        }
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  private static void resize(Node node, long size) {
    try {
      FileChannel content = node.content();
      if (size > content.size()) {
        content.write(ByteBuffer.allocate(1), size - 1);
      } else {
        content.truncate(size);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Attributes describe(Node node) {
    try {
      return new Attributes(
          node.id,
          inode(node),
          node.kind,
          node.permissions,
          node.linked ? 1 : 0,
          node.owner,
          node.group,
          node.size(),
          node.accessed,
          node.modified,
          node.changed,
          Attributes.UNTIL_TOLD);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Not the node, and more than 32 bits. */
  private static long inode(Node node) {
    return (1L << 40) + node.id;
  }
}
