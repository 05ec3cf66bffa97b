package io.redisfuse.daemon;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.concurrent.TimeUnit.NANOSECONDS;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.redisfuse.api.Backend;
import io.redisfuse.api.BackendUnavailableException;
import io.redisfuse.api.Durability;
import io.redisfuse.backend.memory.MemoryBackend;
import io.redisfuse.frontend.files.FileSystemOptions.Locking;
import io.redisfuse.frontend.files.FileSystemOptions.OnConflict;
import io.redisfuse.frontend.files.FileSystemOptions.Syncing;
import io.redisfuse.frontend.files.ScratchNames;
import io.redisfuse.frontend.fuse.MountOptions;
import io.redisfuse.frontend.names.NewFiles;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DaemonTest {

  private final List<String> events = new CopyOnWriteArrayList<>();
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final Departure departure = new Departure(Duration.ofMinutes(1));
  private final FakeMounted mounted = new FakeMounted();
  private Frontend frontend =
      (backend, place) -> {
        events.add("mount " + place.getFileName());
        return mounted;
      };

  private Path place;
  private Backend mountedBackend;

  @BeforeEach
  void makeAMachine(@TempDir Path home) throws Exception {
    place = home.toRealPath().resolve("place");
  }

  @Test
  void saysThatItIsReadyWhenItIsMounted() throws Exception {
    CompletableFuture<Void> run = start("memory");
    await().atMost(60, SECONDS).until(() -> out.size() > 0);

    assertThat(out.toString(UTF_8)).isEqualTo("redisfuse: ready at " + place + "\n");
    assertThat(events).containsExactly("mount place");

    mounted.unmount();
    run.get(60, SECONDS);
  }

  @Test
  void saysWhenAllKeysAreKnown() throws Exception {
    CompletableFuture<Void> run = start("memory");
    await().atMost(60, SECONDS).until(() -> out.size() > 0);
    mounted.indexed.countDown();
    await()
        .atMost(60, SECONDS)
        .untilAsserted(
            () ->
                assertThat(out.toString(UTF_8).lines().skip(1))
                    .singleElement()
                    .asString()
                    .matches("redisfuse: 1,234,567 keys indexed in \\d+\\.\\d s"));
    mounted.unmount();
    run.get(60, SECONDS);
  }

  @Test
  void leavesWhenItIsAsked() throws Exception {
    CompletableFuture<Void> run = start("memory");
    await().atMost(60, SECONDS).until(() -> out.size() > 0);

    departure.request();

    run.get(60, SECONDS);
    assertThat(events).containsExactly("mount place", "unmount", "close");
  }

  @Test
  void leavesWhenItWasAskedBeforeItWasReady() throws Exception {
    departure.request();

    start("memory").get(60, SECONDS);

    assertThat(events).containsExactly("mount place", "unmount", "close");
  }

  @Test
  void leavesWhenSomebodyElseUnmounts() throws Exception {
    CompletableFuture<Void> run = start("memory");

    mounted.gone.countDown();

    run.get(60, SECONDS);
    assertThat(events).containsExactly("mount place", "close");
  }

  @Test
  void anUnknownBackendIsAMistakeThatListsTheKnownOnes() {
    assertThatThrownBy(() -> daemon("postgres").run())
        .isInstanceOfSatisfying(
            StartException.class, e -> assertThat(e.exitCode()).isEqualTo(ExitCode.USAGE))
        .hasMessage("There is no backend postgres; choose one of broken, memory, unhappy.");
    assertThat(place).doesNotExist();
  }

  @Test
  void aServerThatIsNotThereIsAFailureInTheBackendsWords() {
    assertThatThrownBy(() -> daemon("broken").run())
        .isInstanceOfSatisfying(
            StartException.class, e -> assertThat(e.exitCode()).isEqualTo(ExitCode.FAILURE))
        .hasMessage("Nobody answers.");
    assertThat(events).isEmpty();
    assertThat(place).as("nothing is created for nothing").doesNotExist();
  }

  @Test
  void anAddressThatTheBackendDoesNotUnderstandIsAMistakeInTheBackendsWords() {
    assertThatThrownBy(() -> daemon("unhappy").run())
        .isInstanceOfSatisfying(
            StartException.class, e -> assertThat(e.exitCode()).isEqualTo(ExitCode.USAGE))
        .hasMessage("What address is that?");
  }

  @Test
  void theBackendIsClosedWhenItCannotBeMounted() {
    frontend =
        (backend, where) -> {
          mountedBackend = backend;
          throw StartException.failure("No.");
        };

    assertThatThrownBy(() -> daemon("memory").run()).hasMessage("No.");
    assertThatThrownBy(() -> mountedBackend.describe(List.of()))
        .isInstanceOf(BackendUnavailableException.class);
    assertThat(out.size()).isZero();
  }

  private CompletableFuture<Void> start(String backend) {
    Daemon daemon = daemon(backend);
    return CompletableFuture.runAsync(
        () -> {
          try {
            daemon.run();
          } catch (StartException | InterruptedException e) {
            throw new CompletionException(e);
          }
        });
  }

  private Daemon daemon(String backend) {
    Settings settings =
        new Settings(
            new BackendChoice(backend, server(), Duration.ofSeconds(10)),
            "",
            ":",
            Settings.Access.READ_WRITE,
            NewFiles.RULES,
            Settings.Audience.OWN_USER,
            OnConflict.REJECT,
            Locking.SHARED,
            new Durability.Applied(),
            Syncing.FSYNC,
            ScratchNames.defaults(),
            MountOptions.Binding.LIBFUSE,
            OptionalInt.empty(),
            place,
            place.resolveSibling("state"));
    PrintStream print = new PrintStream(out, /* autoFlush= */ true, UTF_8);
    MeterRegistry metrics = new SimpleMeterRegistry();
    return new Daemon(
        settings,
        new Backends(
            Map.of(
                "memory",
                DaemonTest::memory,
                "broken",
                DaemonTest::broken,
                "unhappy",
                DaemonTest::unhappy)),
        frontend,
        departure,
        new IndexProgress(prompt -> Optional.empty(), print, Duration.ofMillis(10)),
        print,
        metrics,
        () -> new PrometheusMeterRegistry(PrometheusConfig.DEFAULT),
        new FeedRecord(metrics, Clock.systemUTC()));
  }

  private static Server server() {
    try {
      return Server.parse(Server.DEFAULT_URI, "a test");
    } catch (StartException e) {
      throw new AssertionError(e);
    }
  }

  private static Backend memory() {
    return new MemoryBackend();
  }

  private static Backend broken() {
    throw new BackendUnavailableException("Nobody answers.", null);
  }

  private static Backend unhappy() {
    throw new IllegalArgumentException("What address is that?");
  }

  private final class FakeMounted implements Frontend.Mounted {

    private final CountDownLatch gone = new CountDownLatch(1);
    private final CountDownLatch indexed = new CountDownLatch(1);

    @Override
    public boolean awaitIndexed(Duration bound) throws InterruptedException {
      return indexed.await(bound.toNanos(), NANOSECONDS);
    }

    @Override
    public long keys() {
      return 1_234_567;
    }

    @Override
    public void await() throws InterruptedException {
      gone.await();
    }

    @Override
    public void unmount() {
      events.add("unmount");
      gone.countDown();
    }

    @Override
    public void close() {
      events.add("close");
    }
  }
}
