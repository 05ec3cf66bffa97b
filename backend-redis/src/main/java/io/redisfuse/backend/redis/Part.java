package io.redisfuse.backend.redis;

import io.github.resilience4j.circuitbreaker.CircuitBreaker;
import io.redisfuse.api.ServerListener;
import java.time.Duration;

/**
 * What can be asked of the keys that a route leads to.
 *
 * <p>Safe for threads, and cheap: all that is remembered is in what it is made of.
 */
record Part(
    Route route,
    Calls calls,
    Keyspace keyspace,
    CellReader cells,
    ElementReader elements,
    Commits commits) {

  /** So often a commit is tried with WATCH before a script must help. */
  private static final int WATCHED_ROUNDS = 4;

  /**
   * What is known of a server and its dealings with us.
   *
   * @param breaker whether it has just not answered
   * @param scripts those that it has
   * @param ttls whether it can keep them
   * @param marks what commits leave behind at it
   * @param listener hears how we get on with it
   */
  record Memory(
      CircuitBreaker breaker,
      Scripts scripts,
      TtlKeeping ttls,
      Marks marks,
      ServerListener listener) {

    /**
     * Of one that was not asked anything yet.
     *
     * @param respite how long it is left alone when it has not answered
     */
    static Memory ofNewServer(ServerListener listener, Duration respite, TtlKeeping ttls) {
      return new Memory(
          Calls.breaker(respite, listener), new Scripts(), ttls, new Marks(), listener);
    }
  }

  static Part of(
      Route route,
      Memory server,
      Duration timeLimit,
      Duration scanPause,
      Keyspace.Elsewhere elsewhere) {
    Calls calls = new Calls(route, timeLimit, server.breaker(), server.listener());
    LargeCells large = new LargeCells(calls);
    return new Part(
        route,
        calls,
        new Keyspace(calls, scanPause, elsewhere),
        new CellReader(calls, server.scripts(), large),
        new ElementReader(calls),
        new Commits(
            route,
            calls,
            server.scripts(),
            large,
            server.ttls(),
            server.marks(),
            route.slot(),
            WATCHED_ROUNDS));
  }
}
