package io.redisfuse.daemon;

import dagger.BindsInstance;
import dagger.Component;
import jakarta.inject.Singleton;
import java.io.PrintStream;

/** Wires one frontend to one backend. A new backend is one more module here. */
@Singleton
@Component(
    modules = {
      MemoryBackendModule.class,
      RedisBackendModule.class,
      FuseModule.class,
      SettingsModule.class,
      MetricsModule.class
    })
interface DaemonComponent {

  Daemon daemon();

  /** Takes what the command line decided. */
  @Component.Factory
  interface Factory {

    /**
     * Wires a daemon.
     *
     * @param terminal who sees what the daemon says
     * @param out where the daemon says that it is ready
     */
    DaemonComponent create(
        @BindsInstance Settings settings,
        @BindsInstance Departure departure,
        @BindsInstance Terminal terminal,
        @BindsInstance PrintStream out);
  }
}
