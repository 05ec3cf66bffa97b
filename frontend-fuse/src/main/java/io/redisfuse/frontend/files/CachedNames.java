package io.redisfuse.frontend.files;

import static java.util.Objects.requireNonNull;

import io.redisfuse.api.Bytes;
import io.redisfuse.api.ChangeListener;
import io.redisfuse.frontend.names.Entry;
import io.redisfuse.frontend.names.Keyspace;
import io.redisfuse.frontend.names.Names;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.Predicate;

/**
 * The names that the kernel may rely on until it is told otherwise, whether they stand for
 * something or for nothing; tells it when a change may have given them another meaning.
 *
 * <p>A name is noted before it is looked up. If its key changes from then on, be it before the
 * answer is given, the note is gone and the kernel is told: so that whoever looks up nothing newer
 * than that is always told. A change costs time only in directories of which names are known.
 *
 * <p>Which names a key may be behind follows from its segments: they are spelled as these are, with
 * a field behind a dot or without. Names that are spelled otherwise are not noted.
 *
 * <p>Safe for threads; its lock is held for a few map operations, and inside it only those of the
 * {@link NodeTable} and of {@link CachedListings} are taken.
 */
final class CachedNames implements ChangeListener {

  /** The kernel does not say when it forgets that a name stands for nothing. */
  private static final int MOST_ABSENT = 50_000;

  /** A name of a file is looked at so often before the kernel is to say whether anybody uses it. */
  private static final int MOST_DOUBTS = 8;

  /** If one change makes more names doubtful, the kernel lets go of them. */
  private static final int MOST_DOUBTED = 16;

  private static final Bytes DOT = Bytes.utf8(".");

  /** The byte after the dot, which is in no name. */
  private static final Bytes AFTER_DOT = Bytes.utf8("/");

  /** What is known of a directory. */
  static final class DirectoryNames {
    private final DirectoryNode directory;
    private Bytes stem;
    private final TreeMap<Bytes, CachedName> notes = new TreeMap<>();

    /** The {@linkplain KernelCache#epoch epoch} of the lookups that are counted. */
    private long epoch;

    private int lookups;

    DirectoryNames(DirectoryNode directory, Bytes stem) {
      this.directory = directory;
      this.stem = stem;
    }

    DirectoryNode directory() {
      return directory;
    }
  }

  private final Keyspace keyspace;
  private final Names names;
  private final Predicate<Node> isForgotten;
  private final int mostAbsent;
  private final CachedListings listings;
  private volatile KernelCache cache;

  /** Told of directories that are cached, and may not be there any more. */
  private volatile Consumer<DirectoryNode> doubted = directory -> {};

  /** Told of names of files, and of nothing, that may stand for something else. */
  private volatile Consumer<CachedName> doubtedNames = name -> {};

  /** By stem; guarded by this, like all below and what is in notes. */
  private final Map<Bytes, DirectoryNames> directories = new HashMap<>();

  /** Names that stand for nothing, the oldest first. */
  private final Set<CachedName> absent = new LinkedHashSet<>();

  /**
   * @param listings told of directories in which something else may be listed
   * @param isForgotten whether nobody has looked up a node any more
   */
  CachedNames(Keyspace keyspace, CachedListings listings, Predicate<Node> isForgotten) {
    this(keyspace, listings, isForgotten, MOST_ABSENT);
  }

  /**
   * @param listings told of directories in which something else may be listed
   * @param isForgotten whether nobody has looked up a node any more
   * @param mostAbsent of so many names it is known that they stand for nothing
   */
  CachedNames(
      Keyspace keyspace, CachedListings listings, Predicate<Node> isForgotten, int mostAbsent) {
    this.listings = listings;
    this.isForgotten = isForgotten;
    this.keyspace = keyspace;
    this.names = new Names(keyspace);
    this.mostAbsent = mostAbsent;
  }

  /** From now on names are noted. */
  void tell(
      KernelCache who, Consumer<DirectoryNode> whoOfDirectories, Consumer<CachedName> whoOfFiles) {
    doubted = requireNonNull(whoOfDirectories);
    doubtedNames = requireNonNull(whoOfFiles);
    cache = requireNonNull(who);
  }

  /** A name is about to be looked up. Empty if it cannot be noted. */
  Optional<CachedName> note(DirectoryNode directory, Bytes name) {
    if (cache == null || !isFollowed(name)) {
      return Optional.empty();
    }
    Bytes stem = directory.keyStem();
    synchronized (this) {
      DirectoryNames in = directories.get(stem);
      if (in != null && in.directory != directory) {
        // It was made again under its name.
        dropAll(in);
        in = null;
      }
      if (in == null) {
        in = new DirectoryNames(directory, stem);
        directories.put(stem, in);
      }
      CachedName before = in.notes.get(name);
      CachedName note = before == null ? CachedName.first(in, name) : before.next();
      in.notes.put(name, note);
      count(in);
      if (before != null) {
        invalidate(before);
      }
      return Optional.of(note);
    }
  }

  private void count(DirectoryNames in) {
    long epoch = cache.epoch();
    if (in.epoch != epoch) {
      in.epoch = epoch;
      in.lookups = 0;
    }
    in.lookups++;
  }

  /**
   * How many names of a directory the kernel may know without asking again, roughly: some may have
   * been looked up twice.
   */
  synchronized int known(Bytes stem) {
    DirectoryNames in = directories.get(stem);
    return in == null || in.epoch != cache.epoch() ? 0 : Math.min(in.lookups, in.notes.size());
  }

  /** Whether changes of all keys that the name may stand for lead to it. */
  private boolean isFollowed(Bytes name) {
    List<Entry> candidates = names.candidates(name);
    Bytes checked = null;
    for (Entry candidate : candidates) {
      Optional<Bytes> segment = segmentOf(candidate);
      if (segment.isPresent() && !segment.get().equals(checked)) {
        checked = segment.get();
        if (names.spellings(checked).stream().noneMatch(head -> isSpelled(name, head))) {
          return false;
        }
      }
    }
    return !candidates.isEmpty();
  }

  private static boolean isSpelled(Bytes name, Bytes head) {
    return name.startsWith(head)
        && (name.length() == head.length() || name.at(head.length()) == DOT.at(0));
  }

  private static Optional<Bytes> segmentOf(Entry entry) {
    if (entry instanceof Entry.Field field) {
      return Optional.of(field.segment());
    }
    if (entry instanceof Entry.Directory directory) {
      return Optional.of(directory.segment());
    }
    return entry instanceof Entry.Key key ? Optional.of(key.segment()) : Optional.empty();
  }

  /** The name stands for a node. Whether that may be relied on. */
  synchronized boolean isStill(CachedName note, Node node) {
    if (note.isValid()) {
      note.answer(node);
    }
    return note.isValid();
  }

  /** The name stands for nothing. Whether that may be relied on. */
  synchronized boolean isStillAbsent(CachedName note) {
    if (!note.isValid()) {
      return false;
    }
    note.answer(null);
    absent.add(note);
    if (absent.size() > mostAbsent) {
      drop(absent.iterator().next());
    }
    return true;
  }

  /** The kernel will not rely on the name, unless it did so before. */
  synchronized void dismiss(CachedName note) {
    if (note.isValid() && !note.isAgain()) {
      remove(note);
    }
  }

  /** The kernel knows a node no more, and so none of its names; unless it has just asked again. */
  synchronized void forgotten(Node node) {
    if (isForgotten.test(node)) {
      CachedName.of(node).forEach(this::remove);
    }
  }

  /** How many names are noted. */
  synchronized int size() {
    return directories.values().stream().mapToInt(in -> in.notes.size()).sum();
  }

  @Override
  public void changed(Bytes key) {
    if (cache == null || !keyspace.contains(key)) {
      return;
    }
    Bytes stem = keyspace.parentStem(key);
    Bytes segment = keyspace.lastSegment(key);
    synchronized (this) {
      if (directories.isEmpty() && listings.size() == 0) {
        return;
      }
      listings.changed(stem, key);
      DirectoryNames in = directories.get(stem);
      if (in != null) {
        for (Bytes head : names.spellings(segment)) {
          doubtNamed(in, head);
          doubt(
              new ArrayList<>(in.notes.subMap(head.concat(DOT), head.concat(AFTER_DOT)).values()));
        }
      }
      if (keyspace.canBeDirectory(segment)) {
        Bytes ownStem = keyspace.stem(stem, segment);
        listings.changed(ownStem, key);
        DirectoryNames own = directories.get(ownStem);
        if (own != null) {
          doubtNamed(own, Names.OWN_VALUE);
        }
      }
      doubtAbove(stem, key);
    }
  }

  /** Directories may have come into being, or gone, with a key in them. */
  private void doubtAbove(Bytes stem, Bytes key) {
    Optional<Bytes> own = keyspace.ownKey(stem);
    while (own.isPresent()) {
      Bytes parent = keyspace.parentStem(own.get());
      DirectoryNames in = directories.get(parent);
      boolean isKnown = false;
      if (in != null) {
        for (Bytes name : names.spellings(keyspace.lastSegment(own.get()))) {
          isKnown |= doubtDirectory(in, name);
        }
      }
      if (!isKnown) {
        // Of those that are known it is told when they go.
        listings.changed(parent, key);
      }
      own = keyspace.ownKey(parent);
    }
  }

  /** Whether the name stands for a directory, of which it is yet to be seen whether it is there. */
  private boolean doubtDirectory(DirectoryNames in, Bytes name) {
    CachedName note = in.notes.get(name);
    if (note == null) {
      return false;
    }
    boolean isDirectory = !isNoDirectory(note);
    if (!isDirectory) {
      doubt(note);
    }
    return isDirectory;
  }

  private void doubtNamed(DirectoryNames in, Bytes name) {
    CachedName note = in.notes.get(name);
    if (note != null) {
      doubt(note);
    }
  }

  private void doubt(List<CachedName> notes) {
    notes.forEach(notes.size() > MOST_DOUBTED ? this::drop : this::doubt);
  }

  /**
   * The name may stand for something else. Of a file, and of nothing, it is first looked whether it
   * does, unless that was so often that nobody may use the name any more: what this mount has done
   * itself is told late, when the kernel may have asked since.
   */
  private void doubt(CachedName note) {
    if (!note.isKnown()) {
      remove(note);
    } else if ((isFile(note.node()) || note.isAbsent()) && note.doubt() <= MOST_DOUBTS) {
      doubtedNames.accept(note);
    } else {
      drop(note);
    }
  }

  private static boolean isFile(Node node) {
    return node instanceof FileNode || node instanceof CollectionNode;
  }

  /**
   * The kernel takes a name for a node that it has just moved there, by our leave; which is to be
   * seen, since others may have changed it meanwhile.
   */
  void moved(DirectoryNode directory, Bytes name, Node node) {
    Optional<CachedName> noted = isFile(node) ? note(directory, name) : Optional.empty();
    if (noted.filter(note -> isStill(note, node)).isPresent()) {
      doubtedNames.accept(noted.get());
    } else {
      outdate(directory, name);
    }
  }

  /** A name stands for something else than it did. */
  synchronized void outdate(CachedName note) {
    if (note.isValid()) {
      drop(note);
    }
  }

  /**
   * The kernel is going to give another meaning to a name by itself, or will ask for it again: it
   * need not be told what happens to it.
   *
   * @return whether it must be told if that fails
   */
  synchronized boolean take(DirectoryNode directory, Bytes name) {
    DirectoryNames in = directories.get(directory.keyStem());
    CachedName note = in == null ? null : in.notes.get(name);
    if (note == null) {
      return false;
    }
    boolean isKnown = note.isKnown();
    remove(note);
    return isKnown;
  }

  /** Whether it is none; of a directory it is yet to be seen whether it is still there. */
  private boolean isNoDirectory(CachedName note) {
    if (note.node() instanceof DirectoryNode directory) {
      doubted.accept(directory);
      return false;
    }
    return true;
  }

  /** A directory is not there any more. */
  synchronized void gone(DirectoryNode directory) {
    CachedName.of(directory).forEach(this::drop);
    Bytes stem = directory.keyStem();
    keyspace.ownKey(stem).ifPresent(key -> listings.changed(keyspace.parentStem(key), stem));
  }

  @Override
  public synchronized void reset() {
    listings.reset();
    for (DirectoryNames in : List.copyOf(directories.values())) {
      List.copyOf(in.notes.values()).stream().filter(this::isNoDirectory).forEach(this::drop);
    }
  }

  /** A name stands for something else, by what this mount has done. */
  void outdate(DirectoryNode directory, Bytes name) {
    KernelCache told = cache;
    if (told == null) {
      return;
    }
    synchronized (this) {
      DirectoryNames in = directories.get(directory.keyStem());
      CachedName note = in == null ? null : in.notes.get(name);
      if (note != null) {
        drop(note);
        return;
      }
    }
    // The kernel may know it all the same, after a rename.
    told.invalidate(directory.id(), name, 0);
  }

  /** As {@link #outdate}, of a directory that may not be known. */
  synchronized void outdate(Bytes stem, Bytes name) {
    listings.changedHere(stem);
    DirectoryNames in = directories.get(stem);
    if (in != null) {
      dropNamed(in, name, note -> true);
    }
  }

  /**
   * A directory got another name, and with those below it another stem. What the kernel knows in
   * them it knows still; and it knows the directory by its new name.
   *
   * @param from the stem that it had
   * @param to the stem that it has
   */
  synchronized void moved(
      DirectoryNode moved, Bytes from, Bytes to, DirectoryNode newParent, Bytes newName) {
    if (cache == null) {
      return;
    }
    listings.moved(from, to);
    List.copyOf(directories.values()).stream()
        .filter(in -> in.stem.startsWith(to))
        .forEach(this::dropAll);
    for (DirectoryNames in : List.copyOf(directories.values())) {
      if (in.stem.startsWith(from)) {
        directories.remove(in.stem);
        in.stem = to.concat(in.stem.slice(from.length()));
        directories.put(in.stem, in);
      }
    }
    CachedName.of(moved).forEach(this::remove);
    note(newParent, newName).ifPresent(note -> isStill(note, moved));
  }

  private void dropAll(DirectoryNames in) {
    List.copyOf(in.notes.values()).forEach(this::drop);
  }

  private void dropNamed(DirectoryNames in, Bytes name, Predicate<CachedName> which) {
    CachedName note = in.notes.get(name);
    if (note != null && which.test(note)) {
      drop(note);
    }
  }

  private void drop(CachedName note) {
    long node = note.told();
    remove(note);
    cache.invalidate(note.directory().directory.id(), note.name(), node);
  }

  private void remove(CachedName note) {
    invalidate(note);
    DirectoryNames in = note.directory();
    if (in.notes.remove(note.name(), note) && in.notes.isEmpty()) {
      directories.remove(in.stem, in);
    }
  }

  private void invalidate(CachedName note) {
    absent.remove(note);
    note.invalidate();
  }
}
