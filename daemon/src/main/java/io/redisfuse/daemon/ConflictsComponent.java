package io.redisfuse.daemon;

import dagger.BindsInstance;
import dagger.Component;
import io.redisfuse.api.Backend;
import io.redisfuse.api.ServerListener;

/** Wires a backend alone, for commands that mount nothing. */
@Component(modules = {MemoryBackendModule.class, RedisBackendModule.class})
interface ConflictsComponent {

  Backends backends();

  /** Takes what the command line decided. */
  @Component.Factory
  interface Factory {

    ConflictsComponent create(
        @BindsInstance BackendChoice choice, @BindsInstance ServerListener listener);
  }

  /** Connects to the backend that was chosen. */
  static Backend connect(BackendChoice choice) throws StartException {
    return DaggerConflictsComponent.factory()
        .create(choice, ServerListener.NOBODY)
        .backends()
        .connect(choice.name());
  }
}
