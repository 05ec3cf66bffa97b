package io.redisfuse.daemon;

import dagger.BindsInstance;
import dagger.Component;
import io.redisfuse.api.Backend;

/** Wires a backend alone, for commands that mount nothing. */
@Component(modules = {MemoryBackendModule.class, RedisBackendModule.class})
interface ConflictsComponent {

  Backends backends();

  /** Takes what the command line decided. */
  @Component.Factory
  interface Factory {

    ConflictsComponent create(@BindsInstance BackendChoice choice);
  }

  /** Connects to the backend that was chosen. */
  static Backend connect(BackendChoice choice) throws StartException {
    return DaggerConflictsComponent.factory().create(choice).backends().connect(choice.name());
  }
}
