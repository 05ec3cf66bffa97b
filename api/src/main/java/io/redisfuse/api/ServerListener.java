package io.redisfuse.api;

import java.time.Duration;

/**
 * Hears how a backend gets on with its server, so that somebody can count it and show it. Nothing
 * that a backend does depends on it.
 *
 * <p>Called by many threads at once, and often. Who listens returns at once, throws nothing, and
 * calls nothing of the backend. What he does not want to hear he leaves out.
 */
public interface ServerListener {

  /** Hears nothing. */
  ServerListener NOBODY = new ServerListener() {};

  /** Whether a server is asked that has just not answered. */
  enum Circuit {
    /** It answers, so it is asked. */
    CLOSED,
    /** One call tries whether it answers. */
    HALF_OPEN,
    /** It did not answer within the time limit of a call, so for a moment calls fail at once. */
    OPEN
  }

  /** What became of a commit whose answer was lost, by reading again what it was about. */
  enum Resolution {
    /** It had been applied: the caller is told of a success. */
    APPLIED,
    /** It had not: it was sent again, or others are in its way. */
    NOT_APPLIED,
    /** Others have changed since what it was about: the caller is told that it is not known. */
    CHANGED_BY_OTHERS,
    /** Nobody could tell: the caller is told just that. */
    NEVER_KNOWN
  }

  /** The server did what it was asked to, or said why not. */
  default void answered() {}

  /**
   * The server could not be reached, did not answer in time, or sent us away for now, as one does
   * that is starting; be it tried again or not.
   *
   * @param reason a few words without secrets, not a sentence
   */
  default void failed(String reason) {}

  /** There is a connection again after one was lost; each change feed has one of its own. */
  default void reconnected() {}

  /** Another server has taken the place of the one before. */
  default void moved() {}

  /** Calls are treated otherwise from now on. */
  default void circuit(Circuit state) {}

  /** A commit whose answer was lost has ended. */
  default void resolved(Resolution how) {}

  /**
   * A change feed has told its listener of some changes.
   *
   * @param lag since the first of them was heard of
   */
  default void told(Duration lag) {}
}
