package io.redisfuse.backend.memory;

import io.redisfuse.api.Backend;
import io.redisfuse.api.BackendContract;
import io.redisfuse.api.Bytes;
import io.redisfuse.api.Element;
import java.util.List;

/** The memory backend does what every backend does. */
final class MemoryBackendContractTest extends BackendContract {

  private final MemoryBackend opened = new MemoryBackend();

  @Override
  protected Backend createBackend() {
    return opened;
  }

  @Override
  protected Backend openAnother() {
    return opened.openAnother();
  }

  @Override
  public void makeList(Bytes key, List<Bytes> items) {
    opened.putList(key, items);
  }

  @Override
  public void makeSet(Bytes key, List<Bytes> members) {
    opened.putSet(key, members);
  }

  @Override
  public void makeSortedSet(Bytes key, List<Element.ScoredMember> members) {
    opened.putSortedSet(key, members);
  }

  @Override
  public void makeStream(Bytes key, List<Element.StreamEntry> entries) {
    opened.putStream(key, entries);
  }
}
