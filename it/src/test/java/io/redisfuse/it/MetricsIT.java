package io.redisfuse.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Who watches a mount sees what it does, and whether data is safe. */
class MetricsIT {

  private static final Pattern ADDRESS = Pattern.compile("redisfuse: metrics at (http://127\\S+)");
  private static final Duration LONG = Duration.ofSeconds(20);

  @RegisterExtension final Workplace place = new Workplace();

  @Test
  void whatIsDoneAndWhatWasRefusedIsShown() throws IOException {
    Redis redis = place.redis();
    redis.with(client -> client.set("a", "text"));
    Mount mount = place.mount(redis, "--metrics-port", "0").expectingErrors();
    Matcher address = ADDRESS.matcher(mount.daemon().out());
    assertThat(address.find()).isTrue();
    String metrics = address.group(1);

    assertThat(Files.readString(mount.resolve("a"))).isEqualTo("text");
    Files.writeString(mount.resolve("b"), "new");
    place
        .shell(mount)
        .attempt(
            "exec 3<>a; cat <&3; redis-cli -c -p " + redis.port() + " set a rival; echo x >&3");
    redis.with(client -> client.set("c", "theirs"));

    await()
        .atMost(LONG)
        .untilAsserted(
            () -> {
              String shown = get(metrics);
              assertThat(value(shown, "redisfuse_index_keys")).isEqualTo(3);
              assertThat(value(shown, "redisfuse_feed_live")).isEqualTo(1);
              assertThat(value(shown, "redisfuse_index_complete")).isEqualTo(1);
              assertThat(value(shown, "redisfuse_conflicts_kept")).isEqualTo(1);
              assertThat(value(shown, "redisfuse_feed_changes_total")).isGreaterThanOrEqualTo(3);
              assertThat(shown)
                  .containsPattern("redisfuse_operations_seconds_count.*open.*ok.* [1-9]")
                  .containsPattern("redisfuse_operations_seconds_count.*flush.*conflict.* [1-9]")
                  .containsPattern("redisfuse_backend_calls_seconds_count.*commit.*ok.* [1-9]")
                  .containsPattern(
                      "redisfuse_backend_calls_seconds_count.*commit.*conflict.* [1-9]");
            });
    redis.kill();
    await()
        .atMost(LONG)
        .untilAsserted(
            () -> {
              String shown = get(metrics);
              assertThat(value(shown, "redisfuse_feed_live")).isZero();
              assertThat(value(shown, "redisfuse_feed_losses_total")).isGreaterThanOrEqualTo(1);
            });
    redis.restart();
    await().atMost(LONG).until(() -> value(get(metrics), "redisfuse_feed_live") == 1);
    Files.writeString(mount.resolve("d"), "again");
  }

  private static double value(String shown, String name) {
    Matcher line = Pattern.compile("(?m)^" + name + "(?:\\{.*\\})? (\\S+)$").matcher(shown);
    assertThat(line.find()).as("%s in %s", name, shown).isTrue();
    return Double.parseDouble(line.group(1));
  }

  private static String get(String address) throws IOException {
    try (InputStream body = URI.create(address).toURL().openStream()) {
      return new String(body.readAllBytes(), StandardCharsets.UTF_8);
    }
  }
}
