package io.redisfuse.daemon;

import io.redisfuse.api.Backend;
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
   * The backend of that name, not yet connected: the provider does that, and throws a {@link
   * io.redisfuse.api.BackendException} if it cannot.
   *
   * @throws StartException if there is none of that name
   */
  Provider<Backend> named(String name) throws StartException {
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
