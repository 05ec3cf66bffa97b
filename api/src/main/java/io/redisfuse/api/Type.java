package io.redisfuse.api;

/** The type of a key, as in Redis. */
public enum Type {
  STRING,
  HASH,
  LIST,
  SET,
  SORTED_SET,
  STREAM,
  /** A type of a module, which redisfuse lists but does not read. */
  OTHER
}
