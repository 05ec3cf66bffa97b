package io.redisfuse.frontend.tree;

import io.redisfuse.api.Backend;
import io.redisfuse.api.Bytes;
import io.redisfuse.api.Cell;
import io.redisfuse.api.ContentSink;
import io.redisfuse.api.Durability;
import io.redisfuse.api.Element;
import io.redisfuse.api.FieldStatus;
import io.redisfuse.api.Range;
import io.redisfuse.api.Transaction;
import io.redisfuse.api.Version;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What an index never calls. */
abstract class PartialBackend implements Backend {

  @Override
  public Map<Bytes, List<FieldStatus>> fields(Collection<Bytes> keys) {
    throw new UnsupportedOperationException();
  }

  @Override
  public Optional<Version> read(Cell cell, ContentSink sink) {
    throw new UnsupportedOperationException();
  }

  @Override
  public Optional<Range> read(Cell cell, long offset, int length) {
    throw new UnsupportedOperationException();
  }

  @Override
  public List<Element> elements(Bytes key) {
    throw new UnsupportedOperationException();
  }

  @Override
  public void commit(Transaction transaction) {
    throw new UnsupportedOperationException();
  }

  @Override
  public void sync(Durability durability) {
    throw new UnsupportedOperationException();
  }

  @Override
  public void close() {}
}
