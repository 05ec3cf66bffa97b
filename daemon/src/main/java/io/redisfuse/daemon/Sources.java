package io.redisfuse.daemon;

import io.redisfuse.api.Backend;
import io.redisfuse.frontend.conflicts.KeptText;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/** The backends that kept texts came from, each connected once. Not safe for threads. */
final class Sources implements AutoCloseable {

  private final ServerChoice choice;
  private final Optional<String> uri;
  private final ServerChoice.PasswordPlace passwordPlace;
  private final Duration timeout;
  private final TlsFiles tls;
  private final Connector connector;
  private final Map<String, Backend> connected = new HashMap<>();

  /**
   * Nothing is connected yet.
   *
   * @param uri of a server that is used instead of where the texts came from
   */
  Sources(
      ServerChoice choice,
      Optional<String> uri,
      ServerChoice.PasswordPlace passwordPlace,
      Duration timeout,
      TlsFiles tls,
      Connector connector) {
    this.choice = choice;
    this.uri = uri;
    this.passwordPlace = passwordPlace;
    this.timeout = timeout;
    this.tls = tls;
    this.connector = connector;
  }

  /** Connects to a backend. */
  @FunctionalInterface
  interface Connector {

    /**
     * Connects.
     *
     * @throws StartException if that is not possible
     */
    Backend connect(BackendChoice choice) throws StartException;
  }

  /**
   * The backend that a text belongs to.
   *
   * @throws StartException if it cannot be reached from here
   */
  Backend of(KeptText text) throws StartException {
    if (!hasServer(text) && uri.isEmpty()) {
      throw outOfReach(text);
    }
    String source = uri.isPresent() ? "" : text.source();
    Backend backend = connected.get(source);
    if (backend == null) {
      Server server = choice.decide(text.source(), uri, passwordPlace);
      backend =
          connector.connect(
              new BackendChoice(BackendChoice.REDIS, server, timeout, Duration.ZERO, tls));
      connected.put(source, backend);
    }
    return backend;
  }

  @Override
  public void close() {
    connected.values().forEach(Backend::close);
  }

  private static boolean hasServer(KeptText text) {
    return text.source().contains("://");
  }

  private static StartException outOfReach(KeptText text) {
    String time = text.id().substring(0, text.id().indexOf('-'));
    return StartException.failure(
        "The text "
            + text.id()
            + " belongs to a mount of the "
            + text.source()
            + " backend, whose keys no other process reaches; compare or save it in that mount, as"
            + " with `mv NAME.conflict-"
            + time
            + " NAME`, or print it with `redisfuse-daemon conflicts show "
            + text.id()
            + "`.");
  }
}
