package io.redisfuse.it;

/** The backends that a mount can be on. */
enum BackendKind {
  REDIS,
  MEMORY
}
