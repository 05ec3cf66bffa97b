package io.redisfuse.daemon;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.redisfuse.api.Backend;
import jakarta.inject.Inject;
import jakarta.inject.Provider;
import java.io.PrintStream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One backend on one mount point, from the checks before to the unmount after. */
final class Daemon {

  private static final Logger log = LoggerFactory.getLogger(Daemon.class);

  private final Settings settings;
  private final Backends backends;
  private final Frontend frontend;
  private final Departure departure;
  private final IndexProgress progress;
  private final PrintStream out;
  private final MeterRegistry metrics;
  private final Provider<PrometheusMeterRegistry> forPrometheus;
  private final FeedRecord feed;

  @Inject
  Daemon(
      Settings settings,
      Backends backends,
      Frontend frontend,
      Departure departure,
      IndexProgress progress,
      PrintStream out,
      MeterRegistry metrics,
      Provider<PrometheusMeterRegistry> forPrometheus,
      FeedRecord feed) {
    this.metrics = metrics;
    this.forPrometheus = forPrometheus;
    this.feed = feed;
    this.settings = settings;
    this.backends = backends;
    this.frontend = frontend;
    this.departure = departure;
    this.progress = progress;
    this.out = out;
  }

  /**
   * Mounts, serves until somebody unmounts or asks to leave, and saves what is dirty.
   *
   * @throws StartException if it does not get as far as serving; then nothing stays mounted
   */
  void run() throws StartException, InterruptedException {
    try (Backend backend =
            new MeasuredBackend(backends.connect(settings.backend().name()), metrics, feed);
        MetricsPort port = metricsPort();
        Frontend.Mounted mounted = mounted(backend)) {
      departure.onRequest(mounted::unmount);
      if (port != null) {
        out.println("redisfuse: metrics at " + port.address());
      }
      out.println("redisfuse: ready at " + settings.mountPoint());
      out.flush();
      IndexProgress.Telling telling = progress.of(mounted);
      try {
        mounted.await();
      } finally {
        telling.close();
      }
      log.debug("{} is unmounted.", settings.mountPoint());
    }
  }

  /** Null if it is not wanted. */
  private MetricsPort metricsPort() throws StartException {
    return settings.metricsPort().isPresent()
        ? MetricsPort.open(settings.metricsPort().getAsInt(), forPrometheus.get())
        : null;
  }

  private Frontend.Mounted mounted(Backend backend) throws StartException {
    MountPoint.createIfMissing(settings.mountPoint());
    return frontend.mount(backend, settings.mountPoint());
  }
}
