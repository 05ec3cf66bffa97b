package io.redisfuse.frontend.names;

/** What a new file with an extension becomes. */
public enum NewFiles {
  /** The field of a hash, unless its base name is already a key that is no hash. */
  RULES,
  /** Always a string. */
  STRINGS
}
