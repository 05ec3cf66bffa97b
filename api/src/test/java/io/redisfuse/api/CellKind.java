package io.redisfuse.api;

/** The two kinds of cells, for tests that hold for both. */
enum CellKind {
  STRING {
    @Override
    Cell of(Bytes key) {
      return Cell.string(key);
    }
  },
  FIELD {
    @Override
    Cell of(Bytes key) {
      return Cell.field(key, Bytes.utf8("field"));
    }
  };

  abstract Cell of(Bytes key);
}
