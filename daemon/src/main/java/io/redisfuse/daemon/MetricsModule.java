package io.redisfuse.daemon;

import dagger.Module;
import dagger.Provides;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.system.UptimeMetrics;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import jakarta.inject.Singleton;

/** What is counted and measured, kept in this process. */
@Module
interface MetricsModule {

  /** One registry for the whole daemon: gauges of a registry that is collected turn NaN. */
  @Provides
  @Singleton
  static MeterRegistry metrics() {
    MeterRegistry registry = new SimpleMeterRegistry();
    new UptimeMetrics().bindTo(registry);
    return registry;
  }
}
