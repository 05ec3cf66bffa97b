package io.redisfuse.daemon;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import org.junit.jupiter.api.Test;

class MetricsPortTest {

  private final PrometheusMeterRegistry metrics =
      new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);

  private static HttpResponse<String> get(String address) throws Exception {
    return HttpClient.newHttpClient()
        .send(
            HttpRequest.newBuilder(URI.create(address)).build(),
            HttpResponse.BodyHandlers.ofString());
  }

  @Test
  void showsWhatIsMeasuredAndNothingElse() throws Exception {
    metrics.counter("some.thing").increment(3);
    try (MetricsPort port = MetricsPort.open(0, metrics)) {
      assertThat(port.address()).startsWith("http://127.0.0.1:").endsWith("/metrics");

      HttpResponse<String> shown = get(port.address());
      assertThat(shown.statusCode()).isEqualTo(200);
      assertThat(shown.body()).contains("some_thing_total 3.0");
      assertThat(get(port.address() + "/more").statusCode()).isEqualTo(404);
      assertThat(get(port.address().replace("/metrics", "/")).statusCode()).isEqualTo(404);
    }
  }

  @Test
  void aPortThatIsTakenIsSaidSoWithTheCure() throws Exception {
    try (MetricsPort port = MetricsPort.open(0, metrics)) {
      int taken = URI.create(port.address()).getPort();

      assertThatThrownBy(() -> MetricsPort.open(taken, metrics))
          .isInstanceOf(StartException.class)
          .hasMessageContaining("port " + taken)
          .hasMessageContaining("--metrics-port");
    }
  }
}
