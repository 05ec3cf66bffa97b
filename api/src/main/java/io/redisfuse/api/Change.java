package io.redisfuse.api;

import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * One change of a transaction. A change keeps the TTL of its key unless it says otherwise, and
 * never turns a key into another type: where the key holds another type than the cell needs, the
 * transaction fails with {@link WrongTypeException}.
 */
public sealed interface Change {

  /** The keys that it may change. */
  List<Bytes> keys();

  /** Sets a cell's whole content; the cell comes into being if it does not exist. */
  record Put(Cell cell, Bytes content) implements Change {
    public Put {
      Objects.requireNonNull(cell, "cell");
      Objects.requireNonNull(content, "content");
    }

    @Override
    public List<Bytes> keys() {
      return List.of(cell.key());
    }
  }

  /**
   * Writes {@code content} at {@code offset} bytes. A gap beyond the end is filled with zeros; an
   * absent cell counts as empty; empty content changes nothing and creates nothing.
   */
  record Patch(Cell cell, long offset, Bytes content) implements Change {
    public Patch {
      Objects.requireNonNull(cell, "cell");
      Objects.requireNonNull(content, "content");
      if (offset < 0) {
        throw new IllegalArgumentException("offset " + offset);
      }
    }

    @Override
    public List<Bytes> keys() {
      return List.of(cell.key());
    }
  }

  /** Writes {@code content} at the end; an absent cell comes into being, also with no content. */
  record Append(Cell cell, Bytes content) implements Change {
    public Append {
      Objects.requireNonNull(cell, "cell");
      Objects.requireNonNull(content, "content");
    }

    @Override
    public List<Bytes> keys() {
      return List.of(cell.key());
    }
  }

  /** Removes a cell; a hash goes with its last field. Without the cell it changes nothing. */
  record Delete(Cell cell) implements Change {
    public Delete {
      Objects.requireNonNull(cell, "cell");
    }

    @Override
    public List<Bytes> keys() {
      return List.of(cell.key());
    }
  }

  /** Removes a key of any type. Without the key it changes nothing. */
  record DeleteKey(Bytes key) implements Change {
    public DeleteKey {
      Objects.requireNonNull(key, "key");
    }

    @Override
    public List<Bytes> keys() {
      return List.of(key);
    }
  }

  /**
   * Moves a cell's content to another cell, whose content it replaces. From string to string the
   * key's TTL goes with it, as with RENAME; a field has no TTL of its own, so to and from fields
   * each key keeps what it has, and a key that comes into being has none. A move of a cell to
   * itself changes nothing.
   *
   * <p>If {@code from} does not exist the transaction fails with {@link ConflictException}: nobody
   * moves what he has not seen.
   */
  record Move(Cell from, Cell to) implements Change {
    public Move {
      Objects.requireNonNull(from, "from");
      Objects.requireNonNull(to, "to");
    }

    @Override
    public List<Bytes> keys() {
      return List.of(from.key(), to.key());
    }
  }

  /**
   * Gives a key of any type another name, with its TTL; a key that had that name, of any type, is
   * gone. If {@code from} does not exist the transaction fails with {@link ConflictException} of
   * its string cell. A move to itself changes nothing.
   */
  record MoveKey(Bytes from, Bytes to) implements Change {
    public MoveKey {
      Objects.requireNonNull(from, "from");
      Objects.requireNonNull(to, "to");
    }

    @Override
    public List<Bytes> keys() {
      return List.of(from, to);
    }
  }

  /**
   * Sets how long a key of any type lives on, from now; empty: for ever. Without the key it changes
   * nothing. Redis counts milliseconds; a shorter, zero or negative TTL is refused here, and one
   * that is too long to be counted so.
   */
  record Expire(Bytes key, Optional<Duration> ttl) implements Change {
    private static final Duration SHORTEST = Duration.ofMillis(1);

    /** So that it can be added to the present time, also in milliseconds of the epoch. */
    private static final Duration LONGEST = Duration.ofMillis(Long.MAX_VALUE / 2);

    public Expire {
      Objects.requireNonNull(key, "key");
      if (ttl.isPresent()
          && (ttl.get().compareTo(SHORTEST) < 0 || ttl.get().compareTo(LONGEST) > 0)) {
        throw new IllegalArgumentException("a TTL of " + ttl.get());
      }
    }

    @Override
    public List<Bytes> keys() {
      return List.of(key);
    }
  }
}
