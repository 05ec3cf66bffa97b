package io.redisfuse.api;

import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;

/**
 * What every {@link Backend} does, as tests. A backend's own test class extends this, says how to
 * open the backend and how to make what the SPI cannot write, and passes all of it.
 *
 * <p>Every test has a prefix of its own and removes what it made, so it also works on a shared
 * server; only the empty key is used beside it. The prefix has a hash tag, so that on a cluster all
 * keys of a test live in one slot.
 */
@Timeout(value = 3, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
public abstract class BackendContract
    implements ScanContract,
        DescribeContract,
        FieldsContract,
        ReadContract,
        ElementsContract,
        ChangeContract,
        PatchContract,
        MoveContract,
        MoveKeyContract,
        ExpireContract,
        ExpectationContract,
        TransactionContract,
        WrongTypeContract,
        BinaryContract,
        LargeValueContract,
        WatchContract,
        IsolationContract,
        RivalContract {

  private Bytes prefix = Bytes.EMPTY;
  private Backend backend;
  private Backend another;

  /** Opens a backend for one test, which closes it. */
  protected abstract Backend createBackend();

  /**
   * Opens a second backend over the store of the one that was created last, as another process
   * would: closing it leaves the first open.
   */
  protected abstract Backend openAnother();

  /** Makes a list of {@code items}, in order. */
  @Override
  public abstract void makeList(Bytes key, List<Bytes> items);

  /** Makes a set of {@code members}. */
  @Override
  public abstract void makeSet(Bytes key, List<Bytes> members);

  /** Makes a sorted set of {@code members}, which come in any order. */
  @Override
  public abstract void makeSortedSet(Bytes key, List<Element.ScoredMember> members);

  /** Makes a stream of {@code entries}, whose ids rise. */
  @Override
  public abstract void makeStream(Bytes key, List<Element.StreamEntry> entries);

  @BeforeEach
  final void openBackend() {
    long unique = ThreadLocalRandom.current().nextLong();
    prefix = Bytes.utf8("contract-{" + Long.toHexString(unique) + "}:");
    backend = createBackend();
  }

  @AfterEach
  final void closeBackends() {
    try {
      if (another != null) {
        another.close();
      }
      backend.scan(
          prefix,
          (key, type) -> {
            backend.commit(Transaction.of(new Change.DeleteKey(key)));
            return true;
          });
    } finally {
      backend.close();
    }
  }

  @Override
  public final Backend backend() {
    return backend;
  }

  @Override
  public final Backend another() {
    if (another == null) {
      another = openAnother();
    }
    return another;
  }

  @Override
  public final Bytes prefix() {
    return prefix;
  }
}
