package io.redisfuse.api;

/** How far a committed transaction must have got before {@link Backend#sync} returns. */
public sealed interface Durability {

  /** Nothing beyond what a commit promises: the server has applied it. */
  record Applied() implements Durability {}

  /** {@code count} replicas have it. */
  record Replicas(int count) implements Durability {
    public Replicas {
      if (count < 1) {
        throw new IllegalArgumentException("replicas: " + count);
      }
    }
  }

  /** The server's append-only file has it, on disk. */
  record AppendOnlyFile() implements Durability {}
}
