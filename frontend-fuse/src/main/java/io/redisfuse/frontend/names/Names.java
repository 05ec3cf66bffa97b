package io.redisfuse.frontend.names;

import static io.redisfuse.frontend.names.Escapes.DOT;
import static io.redisfuse.frontend.names.Escapes.PERCENT;
import static java.util.Objects.requireNonNull;

import io.redisfuse.api.Bytes;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;

/**
 * The names of entries in a directory, and what names mean.
 *
 * <p>For any entries that can stand beside each other in a directory: each has exactly one {@link
 * #name}, no two have the same, and it resolves to that entry and no other. A name resolves to the
 * first of its {@link #candidates} that exists or, if it {@link #isShortened}, to the entry in the
 * directory that has this name. Listed names are valid UTF-8 of 1 to {@value #MAX_BYTES} bytes
 * without slash, NUL or control character, and are never {@code .} or {@code ..}.
 *
 * <p>What comes into being under a name that could be listed is listed under that name, whatever
 * percent signs are in it, unless a dot is escaped in it or its neighbours make it give way. Other
 * spellings of a name (dots that are escaped without need, control characters and invalid UTF-8
 * that are not escaped) resolve as well, but are not listed.
 *
 * <p>Where a predicate says which entries exist, it speaks of one directory. It is never asked for
 * an entry whose segment would be split by the delimiter.
 */
public final class Names {

  /** The longest name, in bytes: NAME_MAX of Linux. */
  public static final int MAX_BYTES = 255;

  /** The name of a directory's own value. */
  public static final Bytes OWN_VALUE = ReservedNames.OWN_VALUE;

  private static final Bytes LOCK = Bytes.utf8(".lock");
  private static final Bytes SELF = DOT;
  private static final Bytes PARENT = Bytes.utf8("..");
  private static final Bytes SLASH = Bytes.utf8("/");
  private static final Bytes NUL = Bytes.utf8("\0");

  /** While it is empty, a string with an empty last segment would be taken for a marker. */
  private static final Entry MARKER = new Entry.Key(Bytes.EMPTY);

  private final Keyspace keyspace;

  public Names(Keyspace keyspace) {
    this.keyspace = requireNonNull(keyspace);
  }

  /**
   * What an existing name may mean, in the order of resolution: the fields (one for each plain dot
   * after the first character, from the left), a directory, a key; or a directory's own value.
   * Empty if the name can mean nothing, and for a {@linkplain #isShortened shortened} name.
   */
  public List<Entry> candidates(Bytes name) {
    if (name.equals(ReservedNames.OWN_VALUE)) {
      return List.of(new Entry.OwnValue());
    }
    if (!canBeName(name) || isShortened(name)) {
      return List.of();
    }
    Bytes text = ReservedNames.textOf(name);
    List<Entry> candidates = new ArrayList<>();
    for (int dot = text.indexOf(DOT, 1); dot >= 0; dot = text.indexOf(DOT, dot + 1)) {
      candidates.add(field(text, dot));
    }
    Bytes whole = segment(text);
    candidates.add(new Entry.Directory(whole));
    candidates.add(new Entry.Key(whole));
    candidates.removeIf(entry -> !canExist(entry));
    return List.copyOf(candidates);
  }

  /**
   * Whether {@code name} was cut because it would be too long. Such a name can only be resolved by
   * comparing it with the names of all entries in the directory.
   */
  public boolean isShortened(Bytes name) {
    return ReservedNames.isShortened(name);
  }

  /**
   * The name under which {@code entry}, which exists, is listed: the friendly one where that means
   * the entry itself, else the full one; shortened if it is over {@link #MAX_BYTES}.
   *
   * @param exists which other entries there are in the same directory
   */
  public Bytes name(Entry entry, Predicate<Entry> exists) {
    Bytes friendly = spell(entry, UnaryOperator.identity());
    if (friendly.length() > MAX_BYTES) {
      return Shortening.shorten(friendly, entry);
    }
    if (means(friendly, entry, exists)) {
      return friendly;
    }
    Bytes full = spell(entry, Escapes::escapeDots);
    return full.length() > MAX_BYTES ? Shortening.shorten(full, entry) : full;
  }

  /**
   * The names that a directory or a key of this segment may be listed under; those of a hash's
   * fields begin with one of them and a dot. Where all of that is not so (few names are like those
   * that are reserved), {@link #candidates} tell.
   */
  public List<Bytes> spellings(Bytes segment) {
    Bytes friendly = spellWhole(segment, UnaryOperator.identity());
    Bytes full = spellWhole(segment, Escapes::escapeDots);
    return friendly.equals(full) ? List.of(friendly) : List.of(friendly, full);
  }

  /**
   * What a new file of this name becomes: a string ({@link Entry.Key}), a field of a hash, which
   * may not exist yet, or the directory's own value. Empty if no new file can have that name. That
   * the name is not taken is for the caller to know, and that the key is {@linkplain
   * Keyspace#contains in the keyspace} and is not a hash.
   *
   * @param exists answers for a {@link Entry.Key} whether that key exists and is not a hash, also
   *     when there is a directory beside it
   */
  public Optional<Entry> forNewFile(Bytes name, NewFiles rules, Predicate<Entry> exists) {
    if (name.equals(ReservedNames.OWN_VALUE)) {
      return Optional.of(new Entry.OwnValue());
    }
    if (!canBeName(name) || isShortened(name)) {
      return Optional.empty();
    }
    Bytes text = ReservedNames.textOf(name);
    int dot = text.indexOf(DOT, 1);
    boolean isString =
        dot < 0
            || text.endsWith(LOCK)
            || rules == NewFiles.STRINGS
            || keyExists(segment(text.slice(0, dot)), exists);
    Entry entry = isString ? new Entry.Key(segment(text)) : field(text, dot);
    return Optional.of(entry).filter(this::canExist).filter(e -> !e.equals(MARKER));
  }

  /**
   * The key that a new directory or collection of this name gets: the whole name is one segment.
   * Empty if none can have that name. As for {@link #forNewFile}, the caller knows that the name is
   * not taken and that the key is in the keyspace.
   */
  public Optional<Entry> forNewKey(Bytes name) {
    if (!canBeName(name) || isShortened(name) || name.equals(ReservedNames.OWN_VALUE)) {
      return Optional.empty();
    }
    Bytes segment = segment(ReservedNames.textOf(name));
    return keyspace.canBeDirectory(segment)
        ? Optional.of(new Entry.Key(segment))
        : Optional.empty();
  }

  private boolean keyExists(Bytes segment, Predicate<Entry> exists) {
    Entry key = new Entry.Key(segment);
    return canExist(key) && exists.test(key);
  }

  private boolean means(Bytes name, Entry entry, Predicate<Entry> exists) {
    for (Entry candidate : candidates(name)) {
      if (candidate.equals(entry)) {
        return true;
      }
      if (exists.test(candidate)) {
        return false;
      }
    }
    return false;
  }

  private boolean canExist(Entry entry) {
    if (entry instanceof Entry.Field field) {
      return keyspace.canEndKey(field.segment());
    }
    if (entry instanceof Entry.Directory directory) {
      return keyspace.canBeDirectory(directory.segment());
    }
    return !(entry instanceof Entry.Key key) || keyspace.canEndKey(key.segment());
  }

  private static boolean canBeName(Bytes name) {
    return !name.isEmpty()
        && name.length() <= MAX_BYTES
        && !name.equals(SELF)
        && !name.equals(PARENT)
        && name.indexOf(SLASH, 0) < 0
        && name.indexOf(NUL, 0) < 0;
  }

  private static Entry field(Bytes text, int dot) {
    return new Entry.Field(segment(text.slice(0, dot)), Escapes.unescape(text.slice(dot + 1)));
  }

  private static Bytes spell(Entry entry, UnaryOperator<Bytes> dots) {
    if (entry instanceof Entry.Field field) {
      Bytes base = dots.apply(spell(field.segment()));
      Bytes text = base.concat(DOT).concat(Escapes.escape(field.field()));
      return text.equals(PARENT) ? Bytes.utf8("%2E.") : ReservedNames.nameOf(text);
    }
    if (entry instanceof Entry.Directory directory) {
      return spellWhole(directory.segment(), dots);
    }
    return entry instanceof Entry.Key key
        ? spellWhole(key.segment(), dots)
        : ReservedNames.OWN_VALUE;
  }

  private static Bytes spellWhole(Bytes segment, UnaryOperator<Bytes> dots) {
    if (segment.equals(SELF)) {
      return Bytes.utf8("%2E");
    }
    return segment.equals(PARENT)
        ? Bytes.utf8("%2E%2E")
        : ReservedNames.nameOf(dots.apply(spell(segment)));
  }

  private static Bytes spell(Bytes segment) {
    if (segment.isEmpty()) {
      return PERCENT;
    }
    return isPercent(segment) ? Escapes.quote(segment, 0) : Escapes.escape(segment);
  }

  /** Reads what {@link #spell(Bytes)} writes: a percent sign alone is an empty segment. */
  private static Bytes segment(Bytes text) {
    if (isPercent(text)) {
      return text.equals(PERCENT) ? Bytes.EMPTY : Escapes.unquote(text, 0);
    }
    return Escapes.unescape(text);
  }

  /** Whether {@code text} is a percent sign, however often quoted, and nothing else. */
  private static boolean isPercent(Bytes text) {
    return text.startsWith(PERCENT) && Escapes.afterQuotes(text, 0) == text.length();
  }
}
