package io.redisfuse.frontend.conflicts;

/** Why a text is kept. */
public enum Reason {
  /** It was to be saved, but somebody else had saved another one meanwhile. */
  REJECTED,
  /** It was the cell's content until a process that knew of it saved its own. */
  OVERWRITTEN,
  /** It was to be appended, and nobody knows whether it was. */
  UNCERTAIN,
  /** It could not be saved, and there was no process left that could be told. */
  UNSAVED
}
