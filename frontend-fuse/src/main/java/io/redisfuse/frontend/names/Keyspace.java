package io.redisfuse.frontend.names;

import static java.util.Objects.requireNonNull;

import io.redisfuse.api.Bytes;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * How keys lie among directories: the prefix that is mounted and the delimiter that splits what
 * follows it into segments.
 *
 * <p>Keys are split from the left, and delimiters do not overlap: with the delimiter {@code ::} the
 * key {@code a:::b} is {@code b} with a colon before it, in the directory {@code a}.
 *
 * <p>A directory is named by its <em>stem</em>: the bytes with which all keys in it start. The
 * root's stem is the prefix; every other stem ends in the delimiter.
 */
public final class Keyspace {

  /** What keys start with that the mount keeps for itself, whatever the delimiter is. */
  private static final Bytes RESERVED = Bytes.utf8(".redisfuse:");

  private final Bytes prefix;
  private final Bytes delimiter;

  /**
   * @throws IllegalArgumentException if {@code delimiter} is empty
   */
  public Keyspace(Bytes prefix, Bytes delimiter) {
    this.prefix = requireNonNull(prefix);
    this.delimiter = requireNonNull(delimiter);
    if (delimiter.isEmpty()) {
      throw new IllegalArgumentException("The delimiter is empty; give at least one byte.");
    }
  }

  public Bytes prefix() {
    return prefix;
  }

  public Bytes delimiter() {
    return delimiter;
  }

  /** Whether the mount shows {@code key}: it starts with the prefix and is not reserved. */
  public boolean contains(Bytes key) {
    return key.startsWith(prefix) && !key.startsWith(RESERVED);
  }

  /**
   * The segments of what follows the prefix: at least one, and any of them may be empty.
   *
   * @throws IllegalArgumentException if {@code key} does not start with the prefix
   */
  public List<Bytes> segments(Bytes key) {
    requirePrefix(key);
    List<Bytes> segments = new ArrayList<>();
    int start = prefix.length();
    for (int end = key.indexOf(delimiter, start); end >= 0; end = key.indexOf(delimiter, start)) {
      segments.add(key.slice(start, end));
      start = end + delimiter.length();
    }
    segments.add(key.slice(start));
    return List.copyOf(segments);
  }

  /** The stem of the root. */
  public Bytes root() {
    return prefix;
  }

  /** The stem of the directory {@code segment} in the directory {@code parentStem}. */
  public Bytes stem(Bytes parentStem, Bytes segment) {
    return parentStem.concat(segment).concat(delimiter);
  }

  /** The key {@code segment} in the directory {@code stem}. */
  public Bytes key(Bytes stem, Bytes segment) {
    return stem.concat(segment);
  }

  /**
   * The stem of the directory in which {@code key} lies.
   *
   * @throws IllegalArgumentException if {@code key} does not start with the prefix
   */
  public Bytes parentStem(Bytes key) {
    return key.slice(0, startOfLastSegment(key));
  }

  /**
   * The last segment of {@code key}; empty if the key ends in the delimiter.
   *
   * @throws IllegalArgumentException if {@code key} does not start with the prefix
   */
  public Bytes lastSegment(Bytes key) {
    return key.slice(startOfLastSegment(key));
  }

  /**
   * The key whose value is the directory's own; none for the root.
   *
   * @throws IllegalArgumentException if {@code stem} is not one of this keyspace
   */
  public Optional<Bytes> ownKey(Bytes stem) {
    if (startOfLastSegment(stem) != stem.length()) {
      throw new IllegalArgumentException("Not the stem of a directory: " + stem);
    }
    return stem.length() == prefix.length()
        ? Optional.empty()
        : Optional.of(stem.slice(0, stem.length() - delimiter.length()));
  }

  /**
   * The stem of the directory that holds the directory {@code stem}; none for the root.
   *
   * @throws IllegalArgumentException if {@code stem} is not one of this keyspace
   */
  public Optional<Bytes> parentOfStem(Bytes stem) {
    return ownKey(stem).map(this::parentStem);
  }

  /**
   * Whether an empty string with this key marks a directory: its last segment is empty, and what
   * precedes it is the stem of a directory. The prefix marks the root if it ends in the delimiter.
   * The empty key marks nothing.
   */
  public boolean mayBeMarker(Bytes key) {
    if (!contains(key)) {
      return false;
    }
    return key.length() == prefix.length()
        ? endOfDelimiters(key, 0) == key.length() && !key.isEmpty()
        : startOfLastSegment(key) == key.length();
  }

  /** Whether {@code segment} can be the last segment of a key, as it holds no delimiter. */
  public boolean canEndKey(Bytes segment) {
    return segment.indexOf(delimiter, 0) < 0;
  }

  /**
   * Whether {@code segment} can be a directory: the first delimiter in the stem is the one after
   * the segment.
   */
  public boolean canBeDirectory(Bytes segment) {
    return segment.concat(delimiter).indexOf(delimiter, 0) == segment.length();
  }

  private int startOfLastSegment(Bytes key) {
    requirePrefix(key);
    return endOfDelimiters(key, prefix.length());
  }

  /** Where the last delimiter ends that is found from {@code start}, or {@code start}. */
  private int endOfDelimiters(Bytes key, int start) {
    int end = start;
    for (int at = key.indexOf(delimiter, end); at >= 0; at = key.indexOf(delimiter, end)) {
      end = at + delimiter.length();
    }
    return end;
  }

  private void requirePrefix(Bytes key) {
    if (!key.startsWith(prefix)) {
      throw new IllegalArgumentException(
          "The key " + key + " does not start with the prefix " + prefix + " that is mounted.");
    }
  }
}
