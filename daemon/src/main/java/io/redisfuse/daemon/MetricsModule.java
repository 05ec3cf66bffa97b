package io.redisfuse.daemon;

import dagger.Binds;
import dagger.Lazy;
import dagger.Module;
import dagger.Provides;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.system.UptimeMetrics;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.redisfuse.api.ServerListener;
import jakarta.inject.Singleton;
import java.time.Clock;

/** What is counted and measured: for Prometheus, if it is to see it; which takes time to make. */
@Module
interface MetricsModule {

  @Provides
  @Singleton
  static PrometheusMeterRegistry forPrometheus() {
    return new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
  }

  /** One registry for the whole daemon: gauges of a registry that is collected turn NaN. */
  @Provides
  @Singleton
  static MeterRegistry metrics(Settings settings, Lazy<PrometheusMeterRegistry> forPrometheus) {
    MeterRegistry registry =
        settings.metricsPort().isPresent() ? forPrometheus.get() : new SimpleMeterRegistry();
    new UptimeMetrics().bindTo(registry);
    return registry;
  }

  @Provides
  @Singleton
  static ServerRecord server(MeterRegistry metrics) {
    return new ServerRecord(metrics, Clock.systemUTC());
  }

  @Provides
  @Singleton
  static FeedRecord feed(MeterRegistry metrics) {
    return new FeedRecord(metrics, Clock.systemUTC());
  }

  @Binds
  ServerListener listener(ServerRecord server);
}
