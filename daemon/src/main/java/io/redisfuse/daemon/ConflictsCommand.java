package io.redisfuse.daemon;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.redisfuse.frontend.conflicts.KeptText;
import io.redisfuse.frontend.conflicts.KeptTexts;
import java.io.IOException;
import java.io.OutputStreamWriter;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.ZoneId;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;

/**
 * The subcommand {@code conflicts}: what to do with the texts that could not be saved, whether or
 * not something is mounted.
 */
@Command(
    name = "conflicts",
    scope = ScopeType.INHERIT,
    mixinStandardHelpOptions = true,
    versionProvider = CommandVersion.class,
    sortOptions = false,
    usageHelpAutoWidth = true,
    synopsisSubcommandLabel = "[list|show|diff|apply|drop]",
    description = {
      "Lists, shows, compares, saves and removes the texts that were rejected or overwritten"
          + " because two programs changed the same key. Without a subcommand, lists them.",
      "",
      "An ID may be shortened as long as only one text's begins so."
    },
    parameterListHeading = "%nParameters:%n",
    optionListHeading = "%nOptions:%n",
    commandListHeading = "%nSubcommands:%n",
    exitCodeListHeading = "%nExit status:%n",
    exitCodeList = {
      "0:done",
      "1:something on this machine or the server stood in the way, or a key has changed again",
      "2:the command line was wrong; nothing was tried"
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  redisfuse-daemon conflicts",
      "  redisfuse-daemon conflicts diff 20260203T0405",
      "  redisfuse-daemon conflicts apply 20260203T0405",
      "  redisfuse-daemon conflicts show 20260203T0405 >mine.txt",
      "  redisfuse-daemon conflicts drop --all"
    })
final class ConflictsCommand implements Callable<Integer> {

  private static final String URI_DESCRIPTION =
      "The server to use instead of the one that the text came from, without a password.";

  private final Map<String, String> environment;
  private final Terminal terminal;
  private final PrintStream out;
  private final Sources.Connector connector;

  @Mixin private LogOptions logOptions;

  @Spec private CommandSpec spec;

  ConflictsCommand(
      Map<String, String> environment,
      Terminal terminal,
      PrintStream out,
      Sources.Connector connector) {
    this.environment = environment;
    this.terminal = terminal;
    this.out = out;
    this.connector = connector;
  }

  /** Which texts to drop. */
  static final class Dropped {

    @Parameters(paramLabel = "ID", arity = "1..*", description = "Which texts.")
    private List<String> ids = List.of();

    @Option(names = "--all", description = "All of them.")
    private boolean all;
  }

  @Override
  public Integer call() throws StartException {
    return list(logOptions);
  }

  @Command(name = "list", description = "Lists the kept texts, oldest first.")
  int list(@Mixin LogOptions log) throws StartException {
    log.apply();
    List<KeptText> kept = all();
    if (kept.isEmpty()) {
      err().println("No texts are kept in " + texts().directory() + ".");
    } else {
      PrintWriter writer = out();
      new KeptTextTable(ZoneId.systemDefault()).print(kept, writer);
      writer.flush();
    }
    return ExitCode.CLEAN.status();
  }

  @Command(
      name = "show",
      description = "Prints a kept text as it is, and on standard error what is known of it.",
      footerHeading = "%nExample:%n",
      footer = "  redisfuse-daemon conflicts show 20260203T0405 >mine.txt")
  int show(
      @Mixin LogOptions log, @Parameters(paramLabel = "ID", description = "Which text.") String id)
      throws StartException {
    log.apply();
    KeptText text = found(List.of(id)).get(0);
    new KeptTextTable(ZoneId.systemDefault()).printDetails(text, err());
    try {
      Files.copy(text.file(), out);
      out.flush();
    } catch (IOException e) {
      throw stateTrouble(e);
    }
    return ExitCode.CLEAN.status();
  }

  @Command(
      name = "diff",
      description = {
        "Shows what would change if a kept text were saved over what is there now, as `diff -u`"
            + " does; in colour on a terminal, unless NO_COLOR is set."
      },
      footerHeading = "%nExample:%n",
      footer = "  redisfuse-daemon conflicts diff 20260203T0405")
  int diff(
      @Option(names = "--uri", paramLabel = "URI", description = URI_DESCRIPTION)
          Optional<String> uri,
      @Mixin ServerOptions server,
      @Mixin LogOptions log,
      @Parameters(paramLabel = "ID", description = "Which text.") String id)
      throws StartException {
    log.apply();
    KeptText text = found(List.of(id)).get(0);
    try (Sources sources = sources(uri, server)) {
      new ConflictDiff(out(), err(), ink()).show(text, sources.of(text));
    } catch (IOException e) {
      throw stateTrouble(e);
    }
    return ExitCode.CLEAN.status();
  }

  @Command(
      name = "apply",
      description = {
        "Saves kept texts where they belong, if that holds what they were rejected by, or what they"
            + " were made from. What a text replaces is kept in its place."
      },
      footerHeading = "%nExamples:%n",
      footer = {
        "  redisfuse-daemon conflicts apply 20260203T0405",
        "  redisfuse-daemon conflicts apply \\",
        "      --password-file ~/.redis-password 20260203T0405"
      })
  int apply(
      @Option(
              names = "--onto-current",
              description =
                  "Save over what is there now, whatever it is; look at it with `conflicts diff`"
                      + " before.")
          boolean ontoCurrent,
      @Option(names = "--uri", paramLabel = "URI", description = URI_DESCRIPTION)
          Optional<String> uri,
      @Mixin ServerOptions server,
      @Mixin LogOptions log,
      @Parameters(paramLabel = "ID", arity = "1..*", description = "Which texts.") List<String> ids)
      throws StartException {
    log.apply();
    KeptTextSave save = new KeptTextSave(texts());
    KeptTextSave.Onto onto = ontoCurrent ? KeptTextSave.Onto.CURRENT : KeptTextSave.Onto.KNOWN;
    ExitCode exitCode = ExitCode.CLEAN;
    try (Sources sources = sources(uri, server)) {
      for (KeptText text : found(ids)) {
        try {
          out().println(save.apply(text, onto, sources.of(text)));
        } catch (StartException e) {
          if (e.exitCode() == ExitCode.USAGE) {
            throw e;
          }
          // The others may be saved nonetheless.
          err().println("redisfuse-daemon: " + e.getMessage());
          exitCode = e.exitCode();
        }
      }
    } catch (IOException e) {
      throw stateTrouble(e);
    }
    return exitCode.status();
  }

  @Command(
      name = "drop",
      description = "Removes kept texts for good.",
      footerHeading = "%nExamples:%n",
      footer = {
        "  redisfuse-daemon conflicts drop 20260203T040506789Z-000",
        "  redisfuse-daemon conflicts drop --all"
      })
  int drop(@Mixin LogOptions log, @ArgGroup(exclusive = true, multiplicity = "1") Dropped dropped)
      throws StartException {
    log.apply();
    try {
      for (KeptText text : dropped.all ? all() : found(dropped.ids)) {
        texts().drop(text);
        out().println("Dropped " + text.id() + " of the " + Legible.of(text.cell()) + ".");
      }
    } catch (IOException e) {
      throw stateTrouble(e);
    }
    return ExitCode.CLEAN.status();
  }

  private KeptTexts texts() {
    Path directory = StateDirectory.keptTexts(StateDirectory.of(environment));
    return new KeptTexts(directory, Clock.systemUTC());
  }

  private List<KeptText> all() throws StartException {
    try {
      return texts().list();
    } catch (IOException e) {
      throw stateTrouble(e);
    }
  }

  /** The texts with these ids, each once; all of them, or none is touched. */
  private List<KeptText> found(List<String> ids) throws StartException {
    List<KeptText> kept = all();
    Set<KeptText> found = new LinkedHashSet<>();
    for (String id : ids) {
      found.add(found(id, kept));
    }
    return List.copyOf(found);
  }

  private static KeptText found(String id, List<KeptText> kept) throws StartException {
    List<KeptText> meant = kept.stream().filter(text -> text.id().startsWith(id)).toList();
    Optional<KeptText> exact = meant.stream().filter(text -> text.id().equals(id)).findFirst();
    if (exact.isPresent()) {
      return exact.get();
    }
    if (meant.isEmpty()) {
      throw StartException.usage(
          "There is no kept text whose ID begins with '"
              + id
              + "'; `redisfuse-daemon conflicts list` shows them all.");
    }
    if (meant.size() > 1) {
      throw StartException.usage(
          "The IDs of "
              + meant.size()
              + " kept texts begin with '"
              + id
              + "'; write more of the one that you mean, such as "
              + meant.get(0).id()
              + ".");
    }
    return meant.get(0);
  }

  private Sources sources(Optional<String> uri, ServerOptions options) throws StartException {
    return new Sources(
        new ServerChoice(environment, terminal),
        uri,
        options.passwordPlace(),
        options.timeout(),
        options.tls(),
        connector);
  }

  private ConflictDiff.Ink ink() {
    boolean coloured =
        terminal.showsOutput()
            && environment.getOrDefault("NO_COLOR", "").isEmpty()
            && !environment.getOrDefault("TERM", "").equals("dumb");
    return coloured ? ConflictDiff.Ink.COLOURED : ConflictDiff.Ink.PLAIN;
  }

  private PrintWriter out() {
    return new PrintWriter(new OutputStreamWriter(out, UTF_8), /* autoFlush= */ true);
  }

  private PrintWriter err() {
    return spec.commandLine().getErr();
  }

  private StartException stateTrouble(IOException e) {
    return StartException.failure(
        "The kept texts in "
            + texts().directory()
            + " cannot be read or written ("
            + e.getMessage()
            + "); check the owner, the mode and the free space of that directory.",
        e);
  }
}
