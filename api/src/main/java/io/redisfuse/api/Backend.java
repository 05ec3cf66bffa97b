package io.redisfuse.api;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A store of keys, as Redis knows them.
 *
 * <p>Safe for any number of threads. Every method ends within the backend's time limit, or throws
 * {@link BackendUnavailableException}; all throw {@link RefusedException} when the store says no.
 * An expired key does not exist. A backend tries once, apart from what is safe to repeat, and never
 * decides what a conflict means.
 */
public interface Backend extends AutoCloseable {

  /**
   * Visits every key that starts with {@code prefix}, with its type, as a stream. A key that exists
   * throughout the scan is visited at least once, any other perhaps. The order is not defined. The
   * visitor runs in the caller's thread and may take its time.
   */
  void scan(Bytes prefix, KeyVisitor visitor);

  /**
   * The status of many cells in one round trip (for very many, one for each thousand). Cells whose
   * key does not exist are left out. The statuses need not be of one moment.
   */
  Map<Cell, CellStatus> describe(Collection<? extends Cell> cells);

  /**
   * The fields of many hashes, each field once, in no order. Keys that do not exist or are no
   * hashes are left out. A field that exists throughout the call is not missing.
   */
  Map<Bytes, List<FieldStatus>> fields(Collection<Bytes> keys);

  /**
   * A cell's whole content, of one moment; empty if it does not exist. For values that fit the
   * heap.
   *
   * @throws WrongTypeException if the key holds another type than the cell needs
   */
  default Optional<Snapshot> read(Cell cell) {
    var collector =
        new ContentSink() {
          private ByteBuffer content = ByteBuffer.allocate(0);

          @Override
          public void start(long size) {
            content = ByteBuffer.allocate(Math.toIntExact(size));
          }

          @Override
          public void accept(ByteBuffer part) {
            content.put(part);
          }
        };
    try {
      return read(cell, collector)
          .map(version -> new Snapshot(Bytes.wrap(collector.content.array()), version));
    } catch (IOException e) {
      throw new AssertionError("a buffer does not fail", e);
    }
  }

  /**
   * Sends a cell's whole content, of one moment, to {@code sink}; empty if the cell does not exist,
   * and then the sink heard nothing that counts.
   *
   * @return the version of what the sink got after its last {@link ContentSink#start}
   * @throws WrongTypeException if the key holds another type than the cell needs
   * @throws IOException what the sink threw
   */
  Optional<Version> read(Cell cell, ContentSink sink) throws IOException;

  /**
   * The version of a cell, {@link Version#ABSENT} if it does not exist. Of a large value a backend
   * need not bring the bytes here.
   *
   * @throws WrongTypeException if the key holds another type than the cell needs
   */
  default Version version(Cell cell) {
    return read(cell).map(Snapshot::version).orElse(Version.ABSENT);
  }

  /**
   * Up to {@code length} bytes of a cell from {@code offset}: fewer at its end, none beyond it.
   * Costs what the range is long (of a field: what the field is long). Empty if the cell does not
   * exist.
   *
   * @throws WrongTypeException if the key holds another type than the cell needs
   */
  Optional<Range> read(Cell cell, long offset, int length);

  /**
   * All elements of a list (in order), set (in no order), sorted set (by score, then bytes) or
   * stream (by id), of one moment; empty if the key does not exist.
   *
   * @throws WrongTypeException if the key is a string, a hash or {@link Type#OTHER}
   */
  List<Element> elements(Bytes key);

  /**
   * Applies a transaction, all or nothing; when it returns, every other reader sees it. Nobody ever
   * sees a part of it. A change of anything but the expected cells (another field of the same hash,
   * a TTL) is no conflict.
   *
   * @throws ConflictException if an expectation did not hold, or a move found nothing
   * @throws WrongTypeException if a key holds another type than an expectation or change needs; of
   *     an expectation and a type that both do not fit, either may be reported
   * @throws OutcomeUnknownException if it may have been applied
   */
  void commit(Transaction transaction);

  /**
   * Starts a feed of changes to keys that start with {@code prefix}. Every change that is committed
   * after this method returned, by any client, is reported: as {@link ChangeListener#changed} of
   * its key, or as a {@link ChangeListener#reset}.
   *
   * <p>Does not guarantee: order, one report for each change, a report only for changes.
   *
   * <p>A listener may be slow: what waits for it is bounded, each key waits once, and beyond the
   * bound all of it becomes one reset.
   *
   * @throws RefusedException if the store cannot report changes, with {@code UNSUPPORTED}, or does
   *     not for this user, with {@code NOT_PERMITTED}. All else works nonetheless; what others
   *     change is then to be found by asking. The message is for the person who runs this.
   * @throws BackendUnavailableException if the store does not answer; it may report changes later
   */
  Subscription watch(Bytes prefix, ChangeListener listener);

  /**
   * Waits until everything that this process has committed is as durable as asked.
   *
   * @throws BackendUnavailableException if it is not by the time limit; it is applied nonetheless
   * @throws RefusedException with {@code UNSUPPORTED} if the store cannot tell
   */
  void sync(Durability durability);

  /**
   * As {@link #sync(Durability)}, but what was committed to other keys need not be durable. A
   * backend may wait for all the same, and fail for what others it finds not to be.
   */
  default void sync(Collection<Bytes> keys, Durability durability) {
    sync(durability);
  }

  /** Ends all feeds and connections. Idempotent. */
  @Override
  void close();
}
