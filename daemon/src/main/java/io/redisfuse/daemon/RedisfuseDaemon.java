package io.redisfuse.daemon;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.redisfuse.api.Durability;
import io.redisfuse.frontend.files.FileSystemOptions.Locking;
import io.redisfuse.frontend.files.FileSystemOptions.OnConflict;
import io.redisfuse.frontend.files.FileSystemOptions.Syncing;
import io.redisfuse.frontend.files.ScratchNames;
import io.redisfuse.frontend.fuse.MountOptions.Binding;
import io.redisfuse.frontend.names.NewFiles;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.Callable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.Spec;

/** The command {@code redisfuse-daemon}: reads its options, runs the daemon, tells what failed. */
@Command(
    name = "redisfuse-daemon",
    mixinStandardHelpOptions = true,
    versionProvider = CommandVersion.class,
    sortOptions = false,
    customSynopsis = {
      "Usage: redisfuse-daemon [OPTION]... MOUNTPOINT",
      "       redisfuse-daemon conflicts [SUBCOMMAND] [OPTION]... [ID]...%n"
    },
    synopsisHeading = "",
    usageHelpAutoWidth = true,
    description = {
      "Mounts a Redis keyspace as a file system: keys are files, ':' in a key separates"
          + " directories, fields of a hash show as extensions.",
      "",
      "Runs in the foreground until it gets SIGTERM or Ctrl-C, or until `fusermount -u MOUNTPOINT`."
          + " What is not saved yet is saved then."
    },
    parameterListHeading = "%nParameters:%n",
    optionListHeading = "%nOptions:%n",
    commandListHeading = "%nSubcommands:%n",
    exitCodeListHeading = "%nExit status:%n",
    exitCodeList = {
      "0:unmounted, and everything was saved",
      "1:something on this machine or the server stood in the way",
      "2:the command line was wrong"
    },
    footerHeading = "%nEnvironment:%n",
    footer = {
      "  REDISFUSE_URI       the server, used if there is no --uri; may hold a password",
      "  REDISFUSE_PASSWORD  the password, used if no option says where it is",
      "",
      "Examples:",
      "  redisfuse-daemon ~/redis",
      "  redisfuse-daemon --backend memory ~/scratch",
      "  redisfuse-daemon --uri redis://localhost:6379/2 --prefix app: ~/app",
      "  redisfuse-daemon --uri rediss://me@example.org:6380/0 \\",
      "      --password-file ~/.redis-password ~/redis"
    })
public final class RedisfuseDaemon implements Callable<Integer> {

  private static final Logger log = LoggerFactory.getLogger(RedisfuseDaemon.class);

  /** How much longer than one operation saving and unmounting may take together. */
  private static final Duration LEAVING = Duration.ofSeconds(30);

  private final Map<String, String> environment;
  private final Terminal terminal;
  private final PrintStream out;
  private final Sources.Connector connector;

  @Option(
      names = "--backend",
      paramLabel = "redis|memory",
      defaultValue = "redis",
      description = "Where the keys are; redis unless said otherwise.")
  private String backend;

  @Option(
      names = "--uri",
      paramLabel = "URI",
      description =
          "The server, without a password; "
              + Server.DEFAULT_URI
              + " by default. With sentinels: redis-sentinel://HOST:PORT,HOST:PORT/MASTER/DATABASE."
              + " A cluster: redis-cluster://HOST:PORT,HOST:PORT.")
  private Optional<String> uri = Optional.empty();

  @Mixin private ServerOptions serverOptions;

  @Option(
      names = "--prefix",
      paramLabel = "PREFIX",
      description = "Mount only keys that start with this; their names then lack it.")
  private Optional<String> prefix = Optional.empty();

  @Option(
      names = "--delimiter",
      paramLabel = "TEXT",
      defaultValue = ":",
      description = "What separates directories in a key; ':' by default.")
  private String delimiter;

  @Option(
      names = "--scan-pause",
      paramLabel = "TIME",
      converter = DurationConverter.class,
      description =
          "How long to leave the server to others after each thousand keys while the keys are first"
              + " looked through, such as 5ms; no pause by default.")
  private Optional<Duration> scanPause = Optional.empty();

  @Option(names = "--read-only", description = "Refuse every write.")
  private boolean readOnly;

  @Option(
      names = "--new-files",
      paramLabel = "rules|strings",
      defaultValue = "rules",
      converter = NewFilesConverter.class,
      description =
          "What a new file becomes: by its name a string or, with an extension, a field of a hash"
              + " (rules, the default), or always a string.")
  private NewFiles newFiles;

  @Option(
      names = "--on-conflict",
      paramLabel = "reject|overwrite",
      defaultValue = "reject",
      converter = OnConflictConverter.class,
      description =
          "What becomes of a save if somebody else has changed the key since its program read it: it"
              + " fails, and the text is kept (reject, the default), or it wins unasked (overwrite).")
  private OnConflict onConflict;

  @Option(
      names = "--locks",
      paramLabel = "shared|local",
      defaultValue = "shared",
      converter = LockingConverter.class,
      description =
          "Among whom the locks hold that programs take of files: among all mounts of the database,"
              + " by means of keys that start with .redisfuse:lock: (shared, the default), or among"
              + " the programs of this mount (local, and always so with --read-only, the memory"
              + " backend and --binding libfuse).")
  private Locking locking;

  @Option(
      names = "--durability",
      paramLabel = "none|replicas:N|aof",
      defaultValue = "none",
      converter = DurabilityConverter.class,
      description =
          "What fsync waits for: that the server has what was saved (none, the default), that N"
              + " replicas have it, too, or that it is in the server's append-only file on disk.")
  private Durability durability;

  @Option(
      names = "--sync-on-close",
      description = "Wait so after each save, not only when a program calls fsync.")
  private boolean syncOnClose;

  @Option(
      names = "--scratch",
      paramLabel = "PATTERN",
      split = ",",
      description =
          "More names of files that stay on this machine, such as '*.bak', beside those of editors'"
              + " swap and backup files.")
  private List<String> scratch = List.of();

  @Option(
      names = "--no-default-scratch",
      description = "Store also files with the names of editors' swap and backup files.")
  private boolean noDefaultScratch;

  @Option(
      names = "--binding",
      paramLabel = "libfuse|kernel",
      defaultValue = "kernel",
      converter = BindingConverter.class,
      description =
          "How the mount speaks to the kernel: in its own protocol (the default), so that it caches"
              + " until it is told of changes, or through libfuse.")
  private Binding binding;

  @Option(
      names = "--metrics-port",
      paramLabel = "PORT",
      description =
          "Show metrics to Prometheus, at http://127.0.0.1:PORT/metrics; 0 for a port that is free.")
  private Optional<Integer> metricsPort = Optional.empty();

  @Option(names = "--allow-other", description = "Let other users of this machine in.")
  private boolean allowOther;

  @Mixin private LogOptions logOptions;

  /** Optional for picocli only, so that subcommands need none. */
  @Parameters(
      paramLabel = "MOUNTPOINT",
      arity = "0..1",
      description = "An empty directory, or the name of one to be created.")
  private Optional<Path> mountPoint = Optional.empty();

  @Spec private CommandSpec spec;

  RedisfuseDaemon(
      Map<String, String> environment,
      Terminal terminal,
      PrintStream out,
      Sources.Connector connector) {
    this.environment = environment;
    this.terminal = terminal;
    this.out = out;
    this.connector = connector;
  }

  /** Runs the command and exits with its status. */
  public static void main(String[] arguments) {
    RedisfuseDaemon command =
        new RedisfuseDaemon(
            System.getenv(), Terminal.ofThisProcess(), System.out, ConflictsComponent::connect);
    System.exit(
        command.run(
            new PrintWriter(System.out, /* autoFlush= */ true, UTF_8),
            new PrintWriter(System.err, /* autoFlush= */ true, UTF_8),
            arguments));
  }

  /** Runs the command. Help goes to {@code help}, what failed to {@code errors}. */
  int run(PrintWriter help, PrintWriter errors, String... arguments) {
    return new CommandLine(this)
        .addSubcommand(new ConflictsCommand(environment, terminal, out, connector))
        .setOut(help)
        .setErr(errors)
        .setParameterExceptionHandler(RedisfuseDaemon::explain)
        .setExecutionExceptionHandler(
            (failure, commandLine, parsed) -> explain(failure, commandLine))
        .setExecutionStrategy(RedisfuseDaemon::execute)
        .execute(arguments);
  }

  /** Called by picocli when the options are read. */
  @Override
  public Integer call() throws StartException, InterruptedException {
    logOptions.apply();
    Settings settings = settings();
    Departure departure = new Departure(settings.backend().timeout().plus(LEAVING));
    departure.listenForSignals();
    ExitCode exitCode = ExitCode.FAILURE;
    try {
      DaemonComponent component =
          DaggerDaemonComponent.factory().create(settings, departure, terminal, out);
      component.daemon().run();
      exitCode = ExitCode.CLEAN;
    } finally {
      departure.finish(exitCode);
    }
    return exitCode.status();
  }

  private Settings settings() throws StartException {
    Path place =
        mountPoint.orElseThrow(
            () ->
                new ParameterException(
                    spec.commandLine(), "Missing required parameter: 'MOUNTPOINT'"));
    ServerChoice.PasswordPlace passwordPlace = serverOptions.passwordPlace();
    requireText("--prefix", prefix, "leave it out to mount all keys");
    requireText("--delimiter", Optional.of(delimiter), "keep the default, ':', or name another");
    Server server = new ServerChoice(environment, terminal).decide(uri, passwordPlace);
    return new Settings(
        new BackendChoice(
            backend,
            server,
            serverOptions.timeout(),
            scanPause.orElse(Duration.ZERO),
            serverOptions.tls()),
        prefix.orElse(""),
        delimiter,
        readOnly ? Settings.Access.READ_ONLY : Settings.Access.READ_WRITE,
        newFiles,
        allowOther ? Settings.Audience.ALL_USERS : Settings.Audience.OWN_USER,
        onConflict,
        locking,
        durability,
        syncing(),
        scratchNames(),
        binding,
        metricsPort(),
        place,
        StateDirectory.of(environment));
  }

  private OptionalInt metricsPort() throws StartException {
    if (metricsPort.isEmpty()) {
      return OptionalInt.empty();
    }
    int port = metricsPort.get();
    if (port < 0 || port > 65535) {
      throw StartException.usage(
          "The port " + port + " of --metrics-port is not between 0 and 65535.");
    }
    return OptionalInt.of(port);
  }

  private Syncing syncing() throws StartException {
    if (syncOnClose && durability instanceof Durability.Applied) {
      throw StartException.usage(
          "With --sync-on-close nothing is waited for unless --durability says what; add"
              + " --durability replicas:1 or --durability aof.");
    }
    return syncOnClose ? Syncing.EACH_SAVE : Syncing.FSYNC;
  }

  private ScratchNames scratchNames() throws StartException {
    ScratchNames names = noDefaultScratch ? ScratchNames.none() : ScratchNames.defaults();
    try {
      return names.and(scratch);
    } catch (IllegalArgumentException e) {
      throw StartException.usage(
          "The value of --scratch is wrong: "
              + e.getMessage()
              + "; write a name with *, ? or [a-z] in it.");
    }
  }

  private static void requireText(String option, Optional<String> value, String cure)
      throws StartException {
    if (value.isPresent() && value.get().isEmpty()) {
      throw StartException.usage("The value of " + option + " is empty; " + cure + ".");
    }
  }

  /** What stands before a subcommand would be ignored: says so instead. */
  private static int execute(ParseResult parsed) {
    if (parsed.hasSubcommand() && !parsed.matchedArgs().isEmpty()) {
      // Not its value, which may be secret.
      String first = parsed.originalArgs().get(0).replaceFirst("=.*", "");
      throw new ParameterException(
          parsed.commandSpec().commandLine(),
          "'"
              + first
              + "' stands before '"
              + parsed.subcommand().commandSpec().name()
              + "', where it has no meaning: write it after that");
    }
    return new CommandLine.RunLast().execute(parsed);
  }

  private static int explain(ParameterException mistake, String[] arguments) {
    PrintWriter errors = mistake.getCommandLine().getErr();
    // An argument that was not understood may have a login in it.
    String message =
        mistake.getMessage().replaceFirst("^Error: ", "").replaceAll("//[^/@\\s]*@", "//****@");
    String command = mistake.getCommandLine().getCommandSpec().qualifiedName();
    errors.println("redisfuse-daemon: " + message + "; see " + command + " --help.");
    return ExitCode.USAGE.status();
  }

  private static int explain(Exception failure, CommandLine commandLine) {
    PrintWriter errors = commandLine.getErr();
    if (failure instanceof StartException refusal) {
      errors.println("redisfuse-daemon: " + refusal.getMessage());
      log.debug("That is because:", refusal);
      return refusal.exitCode().status();
    }
    errors.println(
        "redisfuse-daemon: Something unexpected happened ("
            + failure
            + "); run it with --verbose and report what that shows.");
    log.debug("That is because:", failure);
    return ExitCode.FAILURE.status();
  }
}
