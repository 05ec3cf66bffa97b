package io.redisfuse.daemon;

import io.redisfuse.api.Bytes;
import io.redisfuse.frontend.files.AttributeChange;
import io.redisfuse.frontend.files.Attributes;
import io.redisfuse.frontend.files.Caller;
import io.redisfuse.frontend.files.Capacity;
import io.redisfuse.frontend.files.Created;
import io.redisfuse.frontend.files.EntryList;
import io.redisfuse.frontend.files.FileSystem;
import io.redisfuse.frontend.files.KernelCache;
import io.redisfuse.frontend.files.Looked;
import io.redisfuse.frontend.files.OpenMode;
import io.redisfuse.frontend.files.locks.FileLocks;
import java.nio.ByteBuffer;
import java.util.OptionalLong;

/** A file system whose operations are counted and measured, by what they are and how they end. */
final class MeasuredFileSystem implements FileSystem {

  private final FileSystem files;
  private final Outcomes operations;

  MeasuredFileSystem(FileSystem files, Outcomes operations) {
    this.files = files;
    this.operations = operations;
  }

  @Override
  public Attributes lookup(long parent, Bytes name) {
    return operations.of("lookup", () -> files.lookup(parent, name));
  }

  @Override
  public Looked look(long parent, Bytes name) {
    return operations.of("lookup", () -> files.look(parent, name));
  }

  @Override
  public void tell(KernelCache cache) {
    files.tell(cache);
  }

  @Override
  public void forget(long node, long lookups) {
    files.forget(node, lookups);
  }

  @Override
  public Attributes attributes(long node, Caller caller) {
    return operations.of("getattr", () -> files.attributes(node, caller));
  }

  @Override
  public Attributes attributesOfHandle(long handle) {
    return operations.of("getattr", () -> files.attributesOfHandle(handle));
  }

  @Override
  public Attributes setAttributes(
      long node, OptionalLong handle, AttributeChange change, Caller caller) {
    return operations.of("setattr", () -> files.setAttributes(node, handle, change, caller));
  }

  @Override
  public long open(long node, OpenMode mode, Caller caller) {
    return operations.of("open", () -> files.open(node, mode, caller));
  }

  @Override
  public Created create(long parent, Bytes name, int permissions, OpenMode mode, Caller caller) {
    return operations.of("create", () -> files.create(parent, name, permissions, mode, caller));
  }

  @Override
  public Attributes makeFile(long parent, Bytes name, int permissions, Caller caller) {
    return operations.of("mknod", () -> files.makeFile(parent, name, permissions, caller));
  }

  @Override
  public boolean bypassesCache(long handle) {
    return files.bypassesCache(handle);
  }

  @Override
  public boolean keepsCache(long handle) {
    return files.keepsCache(handle);
  }

  @Override
  public boolean outdatesAttributes(long handle) {
    return files.outdatesAttributes(handle);
  }

  @Override
  public int read(long handle, long offset, ByteBuffer into) {
    return operations.of("read", () -> files.read(handle, offset, into));
  }

  @Override
  public int write(long handle, long offset, ByteBuffer from) {
    return operations.of("write", () -> files.write(handle, offset, from));
  }

  @Override
  public void flush(long handle, Caller caller) {
    operations.of("flush", () -> files.flush(handle, caller));
  }

  @Override
  public void fsync(long handle, Caller caller) {
    operations.of("fsync", () -> files.fsync(handle, caller));
  }

  @Override
  public void release(long handle) {
    operations.of("release", () -> files.release(handle));
  }

  @Override
  public Attributes makeSymlink(Bytes target, long parent, Bytes name, Caller caller) {
    return operations.of("symlink", () -> files.makeSymlink(target, parent, name, caller));
  }

  @Override
  public Bytes readLink(long node) {
    return operations.of("readlink", () -> files.readLink(node));
  }

  @Override
  public void unlink(long parent, Bytes name, Caller caller) {
    operations.of("unlink", () -> files.unlink(parent, name, caller));
  }

  @Override
  public Attributes makeDirectory(long parent, Bytes name, int permissions, Caller caller) {
    return operations.of("mkdir", () -> files.makeDirectory(parent, name, permissions, caller));
  }

  @Override
  public void removeDirectory(long parent, Bytes name, Caller caller) {
    operations.of("rmdir", () -> files.removeDirectory(parent, name, caller));
  }

  @Override
  public void rename(long parent, Bytes name, long newParent, Bytes newName, Caller caller) {
    operations.of("rename", () -> files.rename(parent, name, newParent, newName, caller));
  }

  @Override
  public void renameToFree(long parent, Bytes name, long newParent, Bytes newName, Caller caller) {
    operations.of("rename", () -> files.renameToFree(parent, name, newParent, newName, caller));
  }

  @Override
  public void exchange(long parent, Bytes name, long otherParent, Bytes otherName, Caller caller) {
    operations.of("exchange", () -> files.exchange(parent, name, otherParent, otherName, caller));
  }

  @Override
  public long openDirectory(long node, Caller caller) {
    return operations.of("opendir", () -> files.openDirectory(node, caller));
  }

  @Override
  public boolean cachesEntries(long directoryHandle) {
    return files.cachesEntries(directoryHandle);
  }

  @Override
  public boolean keepsEntries(long directoryHandle) {
    return files.keepsEntries(directoryHandle);
  }

  @Override
  public EntryList entries(long directoryHandle, ListedFrom from) {
    return operations.of("readdir", () -> files.entries(directoryHandle, from));
  }

  @Override
  public void releaseDirectory(long directoryHandle) {
    files.releaseDirectory(directoryHandle);
  }

  @Override
  public Capacity capacity() {
    return operations.of("statfs", files::capacity);
  }

  @Override
  public void takeBack(long handle) {
    files.takeBack(handle);
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
