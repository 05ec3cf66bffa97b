package io.redisfuse.daemon;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.redisfuse.api.Backend;
import io.redisfuse.api.BackendException;
import io.redisfuse.api.Bytes;
import io.redisfuse.frontend.conflicts.KeptTexts;
import io.redisfuse.frontend.files.FileSystem;
import io.redisfuse.frontend.files.FileSystemOptions;
import io.redisfuse.frontend.files.FileSystemOptions.DirectoryMarkers;
import io.redisfuse.frontend.files.KeyspaceFileSystem;
import io.redisfuse.frontend.files.ProcFileSystem;
import io.redisfuse.frontend.files.StatusFileSystem;
import io.redisfuse.frontend.fuse.FuseMount;
import io.redisfuse.frontend.fuse.MountException;
import io.redisfuse.frontend.fuse.MountOptions;
import io.redisfuse.frontend.names.Keyspace;
import io.redisfuse.frontend.tree.LiveIndex;
import jakarta.inject.Inject;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.InstantSource;
import java.util.concurrent.TimeUnit;

/** The file rules over a live index, mounted with FUSE. */
final class FuseFrontend implements Frontend {

  /** How long programs get, at the end, to close what they have open in the mount. */
  private static final Duration LAST_CALL = Duration.ofSeconds(3);

  /**
   * The kernel asks for a name and, a moment later, for the attributes that came with the answer:
   * one tick of its clock saves half of the requests. Names are asked each time.
   */
  private static final Duration ONE_TICK = Duration.ofMillis(1);

  private final Settings settings;
  private final MeterRegistry metrics;
  private final ServerRecord server;
  private final FeedRecord feed;
  private final InstantSource clock = Clock.systemUTC();
  private final int user = idOfThisProcess("unix:uid");
  private final int group = idOfThisProcess("unix:gid");

  @Inject
  FuseFrontend(Settings settings, MeterRegistry metrics, ServerRecord server, FeedRecord feed) {
    this.settings = settings;
    this.metrics = metrics;
    this.server = server;
    this.feed = feed;
  }

  @Override
  public Mounted mount(Backend backend, Path place) throws StartException {
    Keyspace keyspace =
        new Keyspace(Bytes.utf8(settings.prefix()), Bytes.utf8(settings.delimiter()));
    LiveIndex index = new LiveIndex(backend, keyspace, settings.backend().timeout());
    KeptTexts kept = new KeptTexts(StateDirectory.keptTexts(settings.stateDirectory()), clock);
    KeyspaceFileSystem keys =
        new KeyspaceFileSystem(
            backend,
            index,
            keyspace,
            fileSystemOptions(),
            kept,
            settings.backend().source(),
            new ProcFileSystem(),
            clock);
    if (settings.backend().outlivesTheMount()) {
      keys.showKeptTexts();
    }
    SaveRecord saves = new SaveRecord(metrics);
    keys.tellOfSaves(saves::ended);
    Outcomes operations =
        new Outcomes(metrics, "redisfuse.operations", "What the kernel has asked for", "operation");
    StatusText status =
        new StatusText(
            settings.backend().source(),
            settings.prefix(),
            server,
            feed,
            saves,
            operations,
            index,
            kept,
            keys.locks());
    FileSystem files =
        new MeasuredFileSystem(
            new StatusFileSystem(keys, status::now, user, group, clock), operations);
    boolean mounted = false;
    try {
      index.start();
      FuseMount mount = FuseMount.mount(place, files, mountOptions());
      mounted = true;
      MountGauges.register(metrics, index, kept, keys.locks());
      return new FuseMounted(mount, files, index);
    } catch (MountException | BackendException e) {
      throw StartException.failure(e.getMessage(), e);
    } finally {
      if (!mounted) {
        files.close();
        index.close();
      }
    }
  }

  private FileSystemOptions fileSystemOptions() {
    return new FileSystemOptions(
        switch (settings.access()) {
          case READ_WRITE -> FileSystemOptions.Access.READ_WRITE;
          case READ_ONLY -> FileSystemOptions.Access.READ_ONLY;
        },
        settings.newFiles(),
        DirectoryMarkers.KEYS,
        settings.durability(),
        settings.syncing(),
        user,
        group,
        settings.onConflict(),
        settings.scratchNames(),
        settings.backend().outlivesTheMount()
            ? settings.locking()
            : FileSystemOptions.Locking.LOCAL);
  }

  private MountOptions mountOptions() {
    Timer lag =
        Timer.builder("redisfuse.invalidation.lag")
            .description(
                "From when something was outdated that the kernel keeps until the kernel had been"
                    + " told")
            .register(metrics);
    MountOptions options =
        MountOptions.defaults()
            .withTold(nanos -> lag.record(nanos, TimeUnit.NANOSECONDS))
            .withPatience(LAST_CALL)
            .withAttributeTimeout(ONE_TICK)
            .withBinding(settings.binding());
    options =
        switch (settings.access()) {
          case READ_WRITE -> options;
          case READ_ONLY -> options.with(MountOptions.Flag.READ_ONLY);
        };
    return switch (settings.audience()) {
      case OWN_USER -> options;
      case ALL_USERS -> options.with(MountOptions.Flag.ALLOW_OTHER);
    };
  }

  private static int idOfThisProcess(String attribute) {
    try {
      return (Integer) Files.getAttribute(Path.of("/proc/self"), attribute);
    } catch (IOException e) {
      throw new UncheckedIOException("This process's owner cannot be read from /proc/self.", e);
    }
  }
}
