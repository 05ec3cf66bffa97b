package io.redisfuse.api;

/** Takes the keys of a scan, one at a time. */
@FunctionalInterface
public interface KeyVisitor {

  /**
   * One key.
   *
   * @return whether to go on
   */
  boolean visit(Bytes key, Type type);
}
