package io.redisfuse.daemon;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * Shows the metrics to Prometheus, at {@code /metrics} of a port of this machine, which others
 * cannot reach.
 */
final class MetricsPort implements AutoCloseable {

  private static final String PATH = "/metrics";
  private static final int OK = 200;
  private static final int NOT_FOUND = 404;
  private static final int WRONG_METHOD = 405;

  private final HttpServer server;
  private final ExecutorService threads;

  private MetricsPort(HttpServer server, ExecutorService threads) {
    this.server = server;
    this.threads = threads;
  }

  /**
   * Opens it.
   *
   * @param port 0 for any that is free
   * @throws StartException if it is taken, or not permitted
   */
  static MetricsPort open(int port, PrometheusMeterRegistry metrics) throws StartException {
    try {
      HttpServer server =
          HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 0);
      ExecutorService threads =
          Executors.newSingleThreadExecutor(
              task -> {
                Thread thread = new Thread(task, "redisfuse-metrics");
                thread.setDaemon(true);
                return thread;
              });
      server.setExecutor(threads);
      server.createContext("/", exchange -> answer(exchange, metrics));
      server.start();
      return new MetricsPort(server, threads);
    } catch (IOException e) {
      throw StartException.failure(
          "The port "
              + port
              + " for the metrics cannot be opened ("
              + e.getMessage()
              + "); give another one with --metrics-port, or 0 for any that is free.",
          e);
    }
  }

  private static void answer(HttpExchange exchange, PrometheusMeterRegistry metrics)
      throws IOException {
    try (exchange) {
      if (!exchange.getRequestURI().getPath().equals(PATH)) {
        exchange.sendResponseHeaders(NOT_FOUND, -1);
      } else if (!exchange.getRequestMethod().equals("GET")) {
        exchange.sendResponseHeaders(WRONG_METHOD, -1);
      } else {
        byte[] text = metrics.scrape().getBytes(UTF_8);
        exchange.getResponseHeaders().set("Content-Type", "text/plain; version=0.0.4");
        exchange.sendResponseHeaders(OK, text.length);
        try (OutputStream body = exchange.getResponseBody()) {
          body.write(text);
        }
      }
    }
  }

  /** Where it is. */
  String address() {
    return "http://127.0.0.1:" + server.getAddress().getPort() + PATH;
  }

  @Override
  public void close() {
    server.stop(/* delay= */ 0);
    threads.shutdownNow();
  }
}
