package io.redisfuse.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import redis.clients.jedis.Jedis;

/** Who watches a mount sees what it does, and whether data is safe. */
class MetricsIT {

  private static final Pattern ADDRESS = Pattern.compile("redisfuse: metrics at (http://127\\S+)");
  private static final Duration LONG = Duration.ofSeconds(20);

  @RegisterExtension final Workplace place = new Workplace();

  private Redis redis;
  private Mount mount;
  private String metrics;

  private void mount(String... options) {
    redis = place.redis();
    redis.with(client -> client.set("a", "text"));
    List<String> all = new ArrayList<>(List.of(options));
    all.addAll(List.of("--metrics-port", "0"));
    mount = place.mount(redis, all.toArray(String[]::new)).expectingErrors();
    Matcher address = ADDRESS.matcher(mount.daemon().out());
    assertThat(address.find()).isTrue();
    metrics = address.group(1);
  }

  private double value(String name) {
    return value(get(metrics), name);
  }

  /** The values of {@code .redisfuse/status}, by name. */
  private Map<String, String> status() {
    Map<String, String> lines = new LinkedHashMap<>();
    place
        .shell(mount)
        .run("cat .redisfuse/status")
        .lines()
        .map(line -> line.split(": ", 2))
        .forEach(line -> lines.put(line[0], line[1]));
    return lines;
  }

  @Test
  void whatIsDoneAndWhatWasRefusedIsShown() throws IOException {
    mount();
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
              assertThat(value(shown, "redisfuse_feed_lag_seconds_count"))
                  .isGreaterThanOrEqualTo(1);
              assertThat(value(shown, "redisfuse_saves_total{result=\"saved\"}")).isEqualTo(1);
              assertThat(value(shown, "redisfuse_saves_total{result=\"conflict\"}")).isEqualTo(1);
              assertThat(shown)
                  .containsPattern("redisfuse_operations_seconds_count.*open.*ok.* [1-9]")
                  .containsPattern("redisfuse_operations_seconds_count.*flush.*conflict.* [1-9]")
                  .containsPattern("redisfuse_backend_calls_seconds_count.*commit.*ok.* [1-9]")
                  .containsPattern(
                      "redisfuse_backend_calls_seconds_count.*commit.*conflict.* [1-9]");
            });
    assertThat(status())
        .containsEntry("backend", redis.uri() + (Redis.isCluster() ? "/0" : ""))
        .containsEntry("connected", "yes")
        .containsEntry("circuit", "closed")
        .containsEntry("index", "complete")
        .containsEntry("keys", "3")
        .containsEntry("saves", "1")
        .containsEntry("conflicts", "1")
        .containsEntry("kept texts", "1")
        .containsEntry("unknown outcomes", "0")
        .hasEntrySatisfying("feed", state -> assertThat(state).startsWith("live, since 20"));
  }

  @Test
  void locksAreCounted() {
    mount();
    assumeTrue(!"libfuse".equals(System.getProperty("redisfuse.binding")), "no locks there");
    place.shell(mount).run("flock a sleep 1000 & echo $! >../holder");
    await().atMost(LONG).until(() -> value("redisfuse_locks_held") == 1);
    place.shell(mount).run("flock a true & echo $! >../waiter");
    await().atMost(LONG).until(() -> value("redisfuse_locks_waiting") == 1);

    assertThat(status()).containsEntry("locks held", "1").containsEntry("locks waited for", "1");
    place.shell().run("kill $(cat waiter); pkill -P $(cat holder); kill $(cat holder) || true");
    await().atMost(LONG).until(() -> value("redisfuse_locks_held") == 0);
  }

  @Test
  void aServerThatIsGoneIsSeenAndThatItIsBack() throws IOException {
    mount("--timeout", "2s");
    Files.writeString(mount.resolve("b"), "new");
    await().atMost(LONG).until(() -> value("redisfuse_index_keys") == 2);
    assertThat(value("redisfuse_server_answers")).isEqualTo(1);
    assertThat(value("redisfuse_reconnects_total")).isZero();
    assertThat(value("redisfuse_failover_seconds_count")).isZero();

    FileChannel open = FileChannel.open(mount.resolve("b"), StandardOpenOption.WRITE);
    place.onClose(open::close);
    redis.with(Jedis::save);

    redis.kill();
    await()
        .atMost(LONG)
        .untilAsserted(
            () -> {
              String shown = get(metrics);
              assertThat(value(shown, "redisfuse_feed_live")).isZero();
              assertThat(value(shown, "redisfuse_feed_losses_total")).isGreaterThanOrEqualTo(1);
              assertThat(value(shown, "redisfuse_server_answers")).isZero();
            });
    assertThat(status())
        .hasEntrySatisfying("connected", since -> assertThat(since).startsWith("no, since 20"))
        .hasEntrySatisfying("feed", since -> assertThat(since).startsWith("lost, since 20"));
    open.write(StandardCharsets.UTF_8.encode("more"));
    assertThatThrownBy(() -> open.force(true)).hasMessageContaining("Input/output error");
    assertThat(value("redisfuse_circuit_state{state=\"open\"}")).isEqualTo(1);
    assertThat(value("redisfuse_circuit_state{state=\"closed\"}")).isZero();
    assertThat(value("redisfuse_saves_total{result=\"failed\"}")).isGreaterThanOrEqualTo(1);
    assertThat(status())
        .containsEntry("circuit", "open")
        .hasEntrySatisfying("connected", since -> assertThat(since).startsWith("no, since 20"))
        .hasEntrySatisfying("failed operations", some -> assertThat(some).contains("io "));

    redis.restart();
    await()
        .atMost(LONG)
        .ignoreExceptions()
        .until(() -> Files.writeString(mount.resolve("d"), "again") != null);
    await()
        .atMost(LONG)
        .untilAsserted(
            () -> {
              String shown = get(metrics);
              assertThat(value(shown, "redisfuse_feed_live")).isEqualTo(1);
              assertThat(value(shown, "redisfuse_server_answers")).isEqualTo(1);
              assertThat(value(shown, "redisfuse_circuit_state{state=\"closed\"}")).isEqualTo(1);
              assertThat(value(shown, "redisfuse_circuit_state{state=\"open\"}")).isZero();
              assertThat(value(shown, "redisfuse_reconnects_total")).isGreaterThanOrEqualTo(2);
              assertThat(value(shown, "redisfuse_failover_seconds_count"))
                  .isGreaterThanOrEqualTo(1);
              // The call that failed had waited so long.
              assertThat(value(shown, "redisfuse_failover_seconds_max")).isGreaterThan(1.5);
              assertThat(value(shown, "redisfuse_feed_resets_total")).isGreaterThanOrEqualTo(1);
            });
    assertThat(status())
        .containsEntry("connected", "yes")
        .containsEntry("circuit", "closed")
        .hasEntrySatisfying("last failover", time -> assertThat(time).endsWith(" s"));
  }

  @Test
  void theStatusOfAPrefixDoesNotHideKeys() {
    mount("--prefix", "app:");
    redis.with(client -> client.set("app:.redisfuse:status", "mine"));

    await()
        .atMost(LONG)
        .untilAsserted(
            () -> assertThat(place.shell(mount).run("ls -A")).isEqualTo("%2Eredisfuse\n"));
    assertThat(place.shell(mount).run("cat %2Eredisfuse/status; ls .redisfuse"))
        .isEqualTo("minestatus\n");
    assertThat(status()).containsEntry("prefix", "app:").containsEntry("keys", "1");
    place.shell(mount).attempt("echo x >.redisfuse/new").requireFailure("Permission denied");
  }

  private static double value(String shown, String name) {
    Matcher line =
        Pattern.compile("(?m)^" + Pattern.quote(name) + "(?:\\{.*\\})? (\\S+)$").matcher(shown);
    assertThat(line.find()).as("%s in %s", name, shown).isTrue();
    return Double.parseDouble(line.group(1));
  }

  private static String get(String address) {
    try (InputStream body = URI.create(address).toURL().openStream()) {
      return new String(body.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
