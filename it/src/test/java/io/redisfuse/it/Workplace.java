package io.redisfuse.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.redisfuse.frontend.conflicts.KeptText;
import io.redisfuse.frontend.conflicts.KeptTexts;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * What one test has to itself: a directory, servers, mounts, terminals. After the test everything
 * is taken down in reverse order, and the test fails if a process, a mount or a file is left, or if
 * a daemon logged an error. If the JVM dies first, its shutdown hook takes down the rest.
 */
final class Workplace implements BeforeEachCallback, AfterEachCallback {

  /** A property that names the binding of all mounts, instead of the daemon's default. */
  private static final String BINDING = "redisfuse.binding";

  /** Something that must be taken down. */
  @FunctionalInterface
  interface Fixture {
    void close() throws Exception;
  }

  private final Deque<Fixture> fixtures = new ConcurrentLinkedDeque<>();
  private final AtomicInteger terminals = new AtomicInteger();
  private final List<Mount> mounts = new ArrayList<>();
  private Path directory;
  private Thread lastResort;

  @Override
  public void beforeEach(ExtensionContext context) throws IOException {
    // First, since it is refused when the JVM is ending already: then nothing may be made.
    lastResort = new Thread(this::abandon, "last resort");
    Runtime.getRuntime().addShutdownHook(lastResort);
    directory = Files.createTempDirectory("redisfuse-it-").toRealPath();
    // Other users must get as far as the mount point to be turned away there.
    Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-xr-x"));
    Files.createDirectory(home());
  }

  /** A directory of the test's own. */
  Path directory() {
    return directory;
  }

  /** {@code $HOME} of everything that is started here. */
  Path home() {
    return directory.resolve("home");
  }

  /** A new directory in {@link #directory}. */
  Path newDirectory(String name) {
    try {
      return Files.createDirectory(directory.resolve(name));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A shell in {@link #directory}. */
  Shell shell() {
    return new Shell(home(), directory);
  }

  /** A shell at the top of a mount. */
  Shell shell(Mount mount) {
    return new Shell(home(), mount.path());
  }

  /** A Redis server with nothing in it, with these words more on its command line. */
  Redis redis(String... options) {
    Redis redis = Redis.start(options);
    onClose(redis::close);
    return redis;
  }

  /** A terminal with a shell in it, in {@code at}. */
  Terminal terminal(Path at) {
    Path socket = directory.resolve("tmux" + terminals.getAndIncrement());
    Terminal terminal = Terminal.open(socket, home(), at);
    onClose(terminal::close);
    return terminal;
  }

  /** Listens to what a server executes. */
  Monitor monitor(Redis redis) {
    Monitor monitor = Monitor.of(redis);
    onClose(monitor::close);
    return monitor;
  }

  /** The texts that daemons of this place have kept, oldest first. */
  List<KeptText> keptTexts() {
    try {
      return new KeptTexts(home().resolve("state/redisfuse/conflicts"), Clock.systemUTC()).list();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** What is in them. */
  List<String> keptContents() {
    return keptTexts().stream().map(KeptText::file).map(Workplace::read).toList();
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A script of the tests, ready to be run. */
  Path script(String name) {
    Path script = directory.resolve(name);
    try (InputStream resource = Workplace.class.getResourceAsStream(name)) {
      Files.copy(resource, script, StandardCopyOption.REPLACE_EXISTING);
      return script;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Mounts all of a server at a new mount point. */
  Mount mount(Redis redis, String... options) {
    return mountAt(newDirectory("mount" + mounts.size()), redis, options);
  }

  /** Mounts all of a server. */
  Mount mountAt(Path path, Redis redis, String... options) {
    List<String> arguments = new ArrayList<>(List.of("--uri", redis.uri()));
    arguments.addAll(Arrays.asList(options));
    return mountAt(path, arguments);
  }

  /** Mounts what a URI names at a new mount point. */
  Mount mountUri(String uri, String... options) {
    List<String> arguments = new ArrayList<>(List.of("--uri", uri));
    arguments.addAll(Arrays.asList(options));
    return mountAt(newDirectory("mount" + mounts.size()), arguments);
  }

  /** Mounts an empty keyspace on a backend of this kind. */
  Mount mount(BackendKind kind) {
    return switch (kind) {
      case REDIS -> mount(redis());
      case MEMORY -> mountAt(newDirectory("mount" + mounts.size()), List.of("--backend", "memory"));
    };
  }

  private Mount mountAt(Path path, List<String> options) {
    List<String> arguments = new ArrayList<>(options);
    Optional.ofNullable(System.getProperty(BINDING))
        .ifPresent(binding -> arguments.addAll(List.of("--binding", binding)));
    arguments.add(path.toString());
    Mount mount = new Mount(path, Daemon.start(List.of(), Daemon.JAR, home(), Map.of(), arguments));
    mounts.add(mount);
    onClose(mount::close);
    mount.daemon().awaitReady();
    return mount;
  }

  /** Runs the daemon without the expectation that it gets as far as mounting. */
  Daemon daemon(Map<String, String> environment, String... arguments) {
    return daemon(List.of(), Daemon.JAR, environment, arguments);
  }

  /** Runs the daemon through another command, without the expectation that it mounts. */
  Daemon daemon(
      List<String> runner, Path jar, Map<String, String> environment, String... arguments) {
    Daemon daemon = Daemon.start(runner, jar, home(), environment, List.of(arguments));
    onClose(
        () -> {
          if (daemon.isAlive()) {
            daemon.kill();
          }
        });
    return daemon;
  }

  /**
   * Has something taken down after the test, before all that was there before it. Any thread of the
   * test may call this.
   */
  void onClose(Fixture fixture) {
    fixtures.push(fixture);
  }

  @Override
  public void afterEach(ExtensionContext context) throws Exception {
    Runtime.getRuntime().removeShutdownHook(lastResort);
    List<Throwable> failures = new ArrayList<>();
    while (!fixtures.isEmpty()) {
      attempt(fixtures.pop(), failures);
    }
    attempt(this::requireNothingMounted, failures);
    attempt(this::requireNoProcesses, failures);
    context
        .getExecutionException()
        .ifPresent(failed -> mounts.forEach(mount -> failed.addSuppressed(logOf(mount))));
    mounts.clear();
    attempt(this::deleteDirectory, failures);
    if (!failures.isEmpty()) {
      AssertionError failure = new AssertionError("Taking down: " + failures.get(0).getMessage());
      failures.forEach(failure::addSuppressed);
      throw failure;
    }
  }

  private static Throwable logOf(Mount mount) {
    Throwable log = new Throwable("of " + mount.daemon());
    log.setStackTrace(new StackTraceElement[0]);
    return log;
  }

  private static void attempt(Fixture fixture, List<Throwable> failures) {
    try {
      fixture.close();
    } catch (Exception | AssertionError e) {
      failures.add(e);
    }
  }

  private void requireNothingMounted() {
    List<String> left =
        Mount.mountPoints().stream().filter(path -> path.startsWith(directory + "/")).toList();
    left.forEach(path -> Mount.detach(Path.of(path)));
    assertThat(left).as("mounts that were left").isEmpty();
  }

  /** What the test started and what that started, down to the last child. */
  private void requireNoProcesses() {
    try {
      await("no process is left")
          .atMost(Duration.ofSeconds(10))
          .untilAsserted(
              () ->
                  assertThat(ProcessHandle.current().descendants().map(ProcessHandle::info))
                      .isEmpty());
    } finally {
      ProcessHandle.current().descendants().forEach(ProcessHandle::destroyForcibly);
    }
  }

  private void abandon() {
    if (directory == null) {
      return;
    }
    while (!fixtures.isEmpty()) {
      attempt(fixtures.pop(), new ArrayList<>());
    }
    attempt(this::requireNothingMounted, new ArrayList<>());
    attempt(this::deleteDirectory, new ArrayList<>());
  }

  /** Never enters a mount: {@link #requireNothingMounted} has seen that there is none. */
  private void deleteDirectory() throws IOException {
    if (Mount.mountPoints().stream().anyMatch(path -> path.startsWith(directory + "/"))) {
      throw new IOException("Something is still mounted in " + directory);
    }
    Files.walkFileTree(
        directory,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
              throws IOException {
            Files.delete(file);
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult postVisitDirectory(Path visited, IOException failure)
              throws IOException {
            if (failure != null) {
              throw failure;
            }
            Files.delete(visited);
            return FileVisitResult.CONTINUE;
          }
        });
  }
}
