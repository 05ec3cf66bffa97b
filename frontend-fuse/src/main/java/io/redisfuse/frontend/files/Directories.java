package io.redisfuse.frontend.files;

import io.redisfuse.api.Bytes;
import io.redisfuse.api.Cell;
import io.redisfuse.api.CellStatus;
import io.redisfuse.api.FieldStatus;
import io.redisfuse.api.Type;
import io.redisfuse.frontend.names.Entry;
import io.redisfuse.frontend.names.Keyspace;
import io.redisfuse.frontend.names.Names;
import io.redisfuse.frontend.names.NewFiles;
import io.redisfuse.frontend.tree.Child;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * What names mean in a directory, and what is listed there: what the backend and the index say,
 * with the files that exist on this machine only.
 *
 * <p>A name is resolved by asking the backend for what it may mean, all in one round trip; only
 * directories are known to the index alone. Has no state of its own.
 */
final class Directories {

  private final Store store;
  private final NodeTable nodes;
  private final Keyspace keyspace;
  private final Names names;
  private final NewFiles newFiles;
  private final RecentListings recent;

  Directories(Store store, NodeTable nodes, NewFiles newFiles, RecentListings recent) {
    this.store = store;
    this.nodes = nodes;
    this.recent = recent;
    this.keyspace = store.keyspace();
    this.names = new Names(keyspace);
    this.newFiles = newFiles;
  }

  /** What {@code name} means in the directory, if anything, as the backend says now. */
  Optional<Found> resolve(Bytes stem, Bytes name) {
    return resolve(stem, name, candidates -> describe(stem, candidates));
  }

  /**
   * As {@link #resolve}, for who looks at many files of a directory: as the backend said a moment
   * ago, but after every change that is known of.
   */
  Optional<Found> lookAt(Bytes stem, Bytes name) {
    return resolve(stem, name, candidates -> describeWithNext(stem, name, candidates));
  }

  /** A name in the directory of a stem. */
  record Place(Bytes stem, Bytes name) {}

  /** As {@link #resolve}, for many names at once, of which none is shortened. */
  List<Optional<Found>> resolveAll(List<Place> places) {
    Set<Cell> cells = new LinkedHashSet<>();
    places.forEach(place -> cells.addAll(cellsOf(place.stem(), place.name())));
    Set<Cell> unsaved = unsavedOf(List.copyOf(cells));
    Map<Cell, CellStatus> statuses =
        cells.isEmpty() ? Map.of() : store.backend().describe(List.copyOf(cells));
    Described described = new Described(unsaved, statuses);
    return places.stream()
        .map(place -> resolve(place.stem(), place.name(), candidates -> described))
        .toList();
  }

  private Optional<Found> resolve(
      Bytes stem, Bytes name, Function<List<Entry>, Described> describe) {
    if (names.isShortened(name)) {
      return recent
          .shortened(stem, name)
          .or(() -> Optional.ofNullable(list(stem).get(name)))
          .flatMap(listed -> current(stem, listed));
    }
    List<Entry> candidates = names.candidates(name);
    Described described = null;
    Optional<Found> undecided = Optional.empty();
    for (Entry candidate : candidates) {
      if (candidate instanceof Entry.Directory directory) {
        Bytes below = keyspace.stem(stem, directory.segment());
        Found found = Found.of(candidate, new Identity.OfDirectory(below));
        Optional<Boolean> exists = store.index().directoryIfKnown(below);
        if (exists.isEmpty()) {
          undecided = Optional.of(found);
        } else if (exists.get()) {
          return Optional.of(found);
        }
        continue;
      }
      if (described == null) {
        described = describe.apply(candidates);
      }
      Optional<Found> found = asFile(stem, candidate, described);
      if (found.isPresent()) {
        // While the index is incomplete a key is a file until a directory of its name turns up.
        return found;
      }
    }
    return undecided.filter(
        found -> store.index().directoryExists(((Identity.OfDirectory) found.identity()).stem()));
  }

  /** What was listed, with the size that it has now. */
  private Optional<Found> current(Bytes stem, Found listed) {
    return listed.isDirectory()
        ? Optional.of(listed)
        : asFile(stem, listed.entry(), describe(stem, List.of(listed.entry())));
  }

  /** Everything in the directory by its name, which is unique. The caller may change the map. */
  Map<Bytes, Found> list(Bytes stem) {
    Map<Entry, Found> entries = entries(stem);
    Map<Bytes, Found> listing = new HashMap<>(capacityFor(entries.size()));
    entries.forEach((entry, found) -> listing.put(names.name(entry, entries::containsKey), found));
    return listing;
  }

  /** The directory is listed to somebody, who may look at what is in it next. */
  void listed(Bytes stem, Entries entries) {
    recent.add(stem, entries.list(), entries.shortened());
  }

  /** What of a listing stands behind names that do not say so. */
  Map<Bytes, Found> shortened(Map<Bytes, Found> listing) {
    Map<Bytes, Found> shortened = new HashMap<>();
    listing.forEach(
        (name, found) -> {
          // A directory may go; the backend is not asked whether it is there.
          if (names.isShortened(name) && !found.isDirectory()) {
            shortened.put(name, found);
          }
        });
    return shortened;
  }

  /** Whether anything is in the directory, its own value included. */
  boolean isEmpty(Bytes stem) {
    return entries(stem).isEmpty();
  }

  /**
   * The cell that a new file of this name gets.
   *
   * @throws FsException if no new file can have that name
   */
  Cell newFile(Bytes stem, Bytes name) {
    requireShort(name);
    Entry entry =
        names
            .forNewFile(name, newFiles, key -> isPlainKey(stem, key))
            .orElseThrow(() -> impossible(name));
    Cell cell = cell(stem, entry).orElseThrow(() -> impossible(name));
    requireUnreserved(cell.key(), name);
    return cell;
  }

  /**
   * The segment that a new directory or collection of this name gets.
   *
   * @throws FsException if none can have that name
   */
  Bytes newSegment(Bytes stem, Bytes name) {
    requireShort(name);
    Bytes segment =
        names
            .forNewKey(name)
            .map(entry -> ((Entry.Key) entry).segment())
            .orElseThrow(() -> impossible(name));
    requireUnreserved(keyspace.stem(stem, segment), name);
    requireUnreserved(keyspace.key(stem, segment), name);
    return segment;
  }

  private Map<Entry, Found> entries(Bytes stem) {
    // First, so that a file that is saved in the meantime is seen in one place or in both.
    List<Cell> unsaved = store.unsaved().stream().map(FileNode::cell).toList();
    List<Child> children = store.index().list(stem);
    Map<Entry, Found> entries = new HashMap<>(capacityFor(children.size()));
    List<Bytes> hashes = new ArrayList<>();
    for (Child child : children) {
      Bytes key = keyspace.key(stem, child.segment());
      if (child.directory()) {
        add(
            entries,
            new Entry.Directory(child.segment()),
            new Identity.OfDirectory(keyspace.stem(stem, child.segment())));
      }
      Type type = child.key().orElse(null);
      if (type == Type.HASH) {
        hashes.add(key);
      } else if (type != null && !child.directory()) {
        add(entries, new Entry.Key(child.segment()), identity(key, type));
      }
    }
    addFields(entries, hashes);
    store
        .index()
        .ownValue(stem)
        .filter(type -> type != Type.HASH)
        .ifPresent(
            type -> {
              Bytes key = keyspace.ownKey(stem).orElseThrow();
              add(entries, new Entry.OwnValue(), identity(key, type));
            });
    addUnsaved(stem, unsaved, entries);
    return entries;
  }

  /** Of a map that does not have to grow for so many. */
  private static int capacityFor(int size) {
    return size + size / 2 + 1;
  }

  private void addFields(Map<Entry, Found> entries, List<Bytes> hashes) {
    if (hashes.isEmpty()) {
      return;
    }
    for (Map.Entry<Bytes, List<FieldStatus>> hash : store.backend().fields(hashes).entrySet()) {
      Bytes segment = keyspace.lastSegment(hash.getKey());
      for (FieldStatus field : hash.getValue()) {
        Entry entry = new Entry.Field(segment, field.field());
        var identity = new Identity.OfCell(Cell.field(hash.getKey(), field.field()));
        entries.put(
            entry, new Found(entry, identity, OptionalLong.of(field.size()), Optional.empty()));
      }
    }
  }

  private void addUnsaved(Bytes stem, List<Cell> unsaved, Map<Entry, Found> entries) {
    for (Cell cell : unsaved) {
      Entry entry = entryOf(cell);
      boolean here =
          entry instanceof Entry.OwnValue
              ? keyspace.ownKey(stem).filter(cell.key()::equals).isPresent()
              : keyspace.parentStem(cell.key()).equals(stem);
      if (here) {
        add(entries, entry, new Identity.OfCell(cell));
      }
    }
  }

  /**
   * Whether a name stands for something, as far as that can be told without asking the backend. If
   * not, it does not, or has only just begun to.
   */
  boolean mayResolve(Bytes stem, Bytes name) {
    return names.isShortened(name)
        || names.candidates(name).stream().anyMatch(candidate -> mayExist(stem, candidate));
  }

  private boolean mayExist(Bytes stem, Entry candidate) {
    if (candidate instanceof Entry.Directory directory) {
      Bytes below = keyspace.stem(stem, directory.segment());
      return store.index().directoryIfKnown(below).orElse(true);
    }
    return cell(stem, candidate)
        .filter(cell -> store.index().mayExist(cell.key()) || isUnsaved(cell))
        .isPresent();
  }

  private boolean isUnsaved(Cell cell) {
    return unsaved(new Identity.OfCell(cell)).isPresent();
  }

  /** The cells that a name may stand for. */
  List<Cell> cellsOf(Bytes stem, Bytes name) {
    return cellsOf(stem, names.candidates(name));
  }

  /** The name of a cell's file, not considering what else is there. */
  Bytes plainName(Cell cell) {
    Bytes segment = keyspace.lastSegment(cell.key());
    Entry entry =
        cell instanceof Cell.FieldCell field
            ? new Entry.Field(segment, field.field())
            : new Entry.Key(segment);
    return names.name(entry, other -> other.equals(entry));
  }

  /** As what a cell is shown: its directory's own value, if there is such a directory. */
  private Entry entryOf(Cell cell) {
    Bytes segment = keyspace.lastSegment(cell.key());
    if (cell instanceof Cell.FieldCell field) {
      return new Entry.Field(segment, field.field());
    }
    Bytes below = keyspace.stem(keyspace.parentStem(cell.key()), segment);
    return keyspace.canBeDirectory(segment) && store.index().directoryExists(below)
        ? new Entry.OwnValue()
        : new Entry.Key(segment);
  }

  private static void add(Map<Entry, Found> entries, Entry entry, Identity identity) {
    entries.putIfAbsent(entry, Found.of(entry, identity));
  }

  private static Identity identity(Bytes key, Type type) {
    return type == Type.STRING
        ? new Identity.OfCell(Cell.string(key))
        : new Identity.OfCollection(key);
  }

  /** What is known of cells: which exist on this machine only, and what the backend says. */
  private record Described(Set<Cell> unsaved, Map<Cell, CellStatus> statuses) {}

  private Described describe(Bytes stem, List<Entry> candidates) {
    List<Cell> cells = cellsOf(stem, candidates);
    Set<Cell> unsaved = unsavedOf(cells);
    return new Described(unsaved, cells.isEmpty() ? Map.of() : store.backend().describe(cells));
  }

  /** With the files that will be looked at next, if that is to be foreseen. */
  private Described describeWithNext(Bytes stem, Bytes name, List<Entry> candidates) {
    Optional<Listing> listing = store.index().isLive() ? recent.pass(stem, name) : Optional.empty();
    if (listing.isEmpty()) {
      return describe(stem, candidates);
    }
    List<Cell> cells = knownCellsOf(stem, candidates);
    Set<Cell> unsaved = unsavedOf(cellsOf(stem, candidates));
    Optional<Map<Cell, CellStatus>> known = store.statuses().find(cells);
    if (known.isPresent()) {
      return new Described(unsaved, known.get());
    }
    List<Cell> all = new ArrayList<>(cells);
    for (DirectoryEntry next : listing.get().following()) {
      all.addAll(knownCellsOf(stem, names.candidates(next.name())));
    }
    return new Described(unsaved, store.statuses().ask(all));
  }

  /** Without those of keys that do not exist, as far as the index was told. */
  private List<Cell> knownCellsOf(Bytes stem, List<Entry> candidates) {
    return cellsOf(stem, candidates).stream()
        .filter(cell -> store.index().mayExist(cell.key()))
        .toList();
  }

  private List<Cell> cellsOf(Bytes stem, List<Entry> candidates) {
    return candidates.stream()
        .map(candidate -> cell(stem, candidate))
        .flatMap(Optional::stream)
        .toList();
  }

  private Set<Cell> unsavedOf(List<Cell> cells) {
    // In this order a file that is saved in the meantime is seen in one place or in both.
    return cells.stream()
        .filter(cell -> unsaved(new Identity.OfCell(cell)).isPresent())
        .collect(Collectors.toUnmodifiableSet());
  }

  private Optional<Found> asFile(Bytes stem, Entry entry, Described described) {
    Optional<Cell> named = cell(stem, entry);
    if (named.isEmpty()) {
      return Optional.empty();
    }
    Cell cell = named.get();
    if (described.unsaved().contains(cell)) {
      return Optional.of(Found.of(entry, new Identity.OfCell(cell)));
    }
    CellStatus status = described.statuses().get(cell);
    if (status == null) {
      return Optional.empty();
    }
    if (cell instanceof Cell.FieldCell) {
      return status.type() == Type.HASH && status.size().isPresent()
          ? Optional.of(new Found(entry, new Identity.OfCell(cell), status.size(), status.ttl()))
          : Optional.empty();
    }
    boolean isMarker =
        status.type() == Type.STRING
            && status.size().orElse(0) == 0
            && keyspace.mayBeMarker(cell.key());
    return status.type() == Type.HASH || isMarker
        ? Optional.empty()
        : Optional.of(
            new Found(entry, identity(cell.key(), status.type()), status.size(), status.ttl()));
  }

  /** The node of a file that exists on this machine only. */
  private Optional<FileNode> unsaved(Identity.OfCell identity) {
    return nodes
        .find(identity)
        .map(FileNode.class::cast)
        .filter(node -> store.unsaved().contains(node));
  }

  private boolean isPlainKey(Bytes stem, Entry entry) {
    Optional<Cell> named = cell(stem, entry);
    if (named.isEmpty()) {
      return false;
    }
    Cell cell = named.get();
    if (unsaved(new Identity.OfCell(cell)).isPresent()) {
      return true;
    }
    return typeOf(cell.key()).filter(type -> type != Type.HASH).isPresent();
  }

  /** The type of a key as the backend knows it now, if the key exists. */
  Optional<Type> typeOf(Bytes key) {
    Cell cell = Cell.string(key);
    return Optional.ofNullable(store.backend().describe(List.of(cell)).get(cell))
        .map(CellStatus::type);
  }

  /**
   * A hash has no file of its own name, so the name looks free; but the key is taken.
   *
   * @throws FsException if {@code cell} is a string whose key is a hash
   */
  void requireNoHash(Cell cell) {
    if (cell instanceof Cell.StringCell
        && typeOf(cell.key()).filter(type -> type == Type.HASH).isPresent()) {
      throw new FsException(
          FsError.EXISTS,
          "The key "
              + cell.key()
              + " is a hash, whose fields are files; choose another name, or NAME.FIELD for a"
              + " field.");
    }
  }

  /**
   * The cell in which a file of this entry would be; of a collection the string cell of its key.
   */
  private Optional<Cell> cell(Bytes stem, Entry entry) {
    Optional<Cell> cell = Optional.empty();
    if (entry instanceof Entry.Field field) {
      cell = Optional.of(Cell.field(keyspace.key(stem, field.segment()), field.field()));
    } else if (entry instanceof Entry.Key key) {
      cell = Optional.of(Cell.string(keyspace.key(stem, key.segment())));
    } else if (entry instanceof Entry.OwnValue) {
      cell = keyspace.ownKey(stem).map(Cell::string);
    }
    return cell.filter(in -> keyspace.contains(in.key()));
  }

  private static void requireShort(Bytes name) {
    if (name.length() > Names.MAX_BYTES) {
      throw new FsException(
          FsError.NAME_TOO_LONG,
          "The name "
              + name
              + " is longer than "
              + Names.MAX_BYTES
              + " bytes; take a shorter one.");
    }
  }

  private void requireUnreserved(Bytes key, Bytes name) {
    if (!keyspace.contains(key)) {
      throw new FsException(
          FsError.NOT_PERMITTED,
          "The name "
              + name
              + " stands for the key "
              + key
              + ", which redisfuse keeps for itself.");
    }
  }

  private static FsException impossible(Bytes name) {
    return new FsException(
        FsError.INVALID, "Nothing new can have the name " + name + ", which stands for something.");
  }
}
