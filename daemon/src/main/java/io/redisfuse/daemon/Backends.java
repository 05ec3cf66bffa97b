package io.redisfuse.daemon;

import io.redisfuse.api.Backend;
import io.redisfuse.api.BackendException;
import jakarta.inject.Inject;
import jakarta.inject.Provider;
import java.util.Map;
import java.util.TreeSet;

/** The backends that this daemon was built with, by name. */
final class Backends {

  private final Map<String, Provider<Backend>> known;

  @Inject
  Backends(Map<String, Provider<Backend>> known) {
    this.known = known;
  }

  /**
   * Connects to the backend of that name.
   *
   * @throws StartException if there is none of that name, its server's address is none, or it
   *     cannot be reached
   */
  Backend connect(String name) throws StartException {
    try {
      return named(name).get();
    } catch (IllegalArgumentException e) {
      // The backend does not understand the server's address.
      throw StartException.usage(e.getMessage());
    } catch (BackendException e) {
      throw StartException.failure(e.getMessage(), e);
    }
  }

  private Provider<Backend> named(String name) throws StartException {
    Provider<Backend> backend = known.get(name);
    if (backend == null) {
      throw StartException.usage(
          "There is no backend "
              + name
              + "; choose one of "
              + String.join(", ", new TreeSet<>(known.keySet()))
              + ".");
    }
    return backend;
  }
}
