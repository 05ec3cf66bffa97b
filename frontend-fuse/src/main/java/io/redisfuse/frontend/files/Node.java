package io.redisfuse.frontend.files;

import java.time.Duration;
import java.time.Instant;

/**
 * A file or directory that the kernel knows, or that has something worth keeping: a handle, or
 * attributes that a user set.
 *
 * <p>Its identity belongs to the {@link NodeTable}; all else is guarded by the node itself.
 */
abstract sealed class Node
    permits DirectoryNode, FileNode, CollectionNode, ScratchNode, SymlinkNode {

  /** Also who has times in floating-point seconds sees that they differ. */
  private static final Duration TICK = Duration.ofNanos(1_000);

  private final long id;
  private final long inode;
  private volatile Identity identity;

  // Guarded by this.
  private long lookups;
  private int holds;

  /** Whether the table has let go of it. */
  private boolean ended;

  private Ownership ownership;
  private Instant accessed;
  private Instant modified;
  private Instant changed;
  private boolean remembered;

  /** How often the content, or what is in the directory, may have changed. */
  private long changes;

  /** Whether anybody was told the attributes that may be relied on since {@link #takeTold}. */
  private boolean told;

  /** The first of the names that the kernel may know; guarded by the {@link CachedNames}. */
  private CachedName cachedNames;

  /** Who may do what. */
  record Ownership(int permissions, int owner, int group) {}

  Node(long id, long inode, Identity identity, Ownership ownership, Instant since) {
    this.id = id;
    this.inode = inode;
    this.identity = identity;
    this.ownership = ownership;
    this.accessed = since;
    this.modified = since;
    this.changed = since;
  }

  final long id() {
    return id;
  }

  final long inode() {
    return inode;
  }

  final Identity identity() {
    return identity;
  }

  /** For the table only, which also keeps the index by identity. */
  final void identity(Identity newIdentity) {
    identity = newIdentity;
  }

  abstract FileKind kind();

  final CachedName cachedNames() {
    return cachedNames;
  }

  final void cachedNames(CachedName first) {
    cachedNames = first;
  }

  final synchronized void lookedUp() {
    lookups++;
  }

  final synchronized void forget(long count) {
    lookups = Math.max(0, lookups - count);
  }

  /** Returns whether it is held: not if the table has let go of it. */
  final synchronized boolean hold() {
    if (!ended) {
      holds++;
    }
    return !ended;
  }

  /** Returns whether nobody knows it any more. */
  final synchronized boolean drop() {
    holds--;
    return isUnknown();
  }

  /** Whether the table may let go of the node: nobody knows it, and nothing would be lost. */
  final synchronized boolean isIdle() {
    return isUnknown() && !remembered;
  }

  /** Nobody has looked it up, or all have forgotten it. */
  final synchronized boolean isForgotten() {
    return lookups == 0;
  }

  /** Nobody knows the node any more. */
  final synchronized boolean isUnknown() {
    return lookups == 0 && holds == 0;
  }

  /** The table lets go of it, if it {@linkplain #isIdle may}; whether it does. */
  final synchronized boolean endIfIdle() {
    ended |= isIdle();
    return ended;
  }

  /** The table lets go of it, if {@linkplain #isUnknown nobody knows it}; whether it does. */
  final synchronized boolean endIfUnknown() {
    ended |= isUnknown();
    return ended;
  }

  /** The content changed, or an entry of the directory did. */
  final synchronized void contentChanged(Instant when) {
    changes++;
    modified = when;
    changed = when;
    remembered = true;
  }

  /**
   * Others changed the content. The time of that differs from the one before also for programs that
   * compare whole seconds, as editors do to notice.
   */
  final synchronized void changedByOthers(Instant when) {
    Instant next = modified.plusSeconds(1).plusNanos(1);
    contentChanged(when.isAfter(next) ? when : next);
  }

  final synchronized void apply(AttributeChange change, Instant now) {
    ownership =
        new Ownership(
            change.permissions().orElse(ownership.permissions()),
            change.owner().orElse(ownership.owner()),
            change.group().orElse(ownership.group()));
    change.accessed().ifPresent(time -> accessed = time);
    change.modified().ifPresent(time -> modified = time);
    changed = now;
    remembered = true;
  }

  /** A file came into being with these permissions. */
  final synchronized void created(int permissions, Caller creator, Instant now) {
    Ownership made = new Ownership(permissions & 07777, creator.user(), creator.group());
    ownership = made;
    accessed = now;
    modified = now;
    changed = now;
    remembered = true;
  }

  /** Takes over who may do what, and when it was changed. */
  final synchronized void take(Attributes from) {
    ownership = new Ownership(from.permissions(), from.owner(), from.group());
    accessed = from.accessed();
    modified = from.modified();
    changed = from.changed();
    remembered = true;
  }

  /** How often the content, or what is in the directory, may have changed. */
  final synchronized long changes() {
    return changes;
  }

  /** It changed: the time of that moves forward, however little. */
  final synchronized void changedAfter(Instant when) {
    changes++;
    modified = when.isAfter(modified) ? when : modified.plus(TICK);
    changed = when.isAfter(changed) ? when : changed.plus(TICK);
  }

  /** It changed, or may have, at the time that is known already. */
  final synchronized void changed() {
    changes++;
  }

  /** Attributes are going to be told that may be relied on; to be called before they are read. */
  final synchronized void telling() {
    told = true;
  }

  /** Whether anybody was told the attributes since this was asked. */
  final synchronized boolean takeTold() {
    boolean was = told;
    told = false;
    return was;
  }

  final synchronized Attributes attributes(long size) {
    return new Attributes(
        id,
        inode,
        kind(),
        ownership.permissions(),
        kind() == FileKind.DIRECTORY ? 2 : 1,
        ownership.owner(),
        ownership.group(),
        size,
        accessed,
        modified,
        changed,
        Attributes.UNTIL_TOLD);
  }

  /** The key, stem or cell for messages. */
  @Override
  public final String toString() {
    return identity.toString();
  }
}
