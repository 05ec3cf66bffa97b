package io.redisfuse.daemon;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.redisfuse.api.Bytes;
import io.redisfuse.api.Cell;
import io.redisfuse.api.Change;
import io.redisfuse.api.Snapshot;
import io.redisfuse.api.Transaction;
import io.redisfuse.api.Version;
import io.redisfuse.backend.memory.MemoryBackend;
import io.redisfuse.frontend.conflicts.KeptText;
import io.redisfuse.frontend.conflicts.KeptTexts;
import io.redisfuse.frontend.conflicts.Reason;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The command as a person meets it; its servers are all one keyspace in memory. */
class ConflictsCommandTest {

  private static final int FAILURE = 1;
  private static final int USAGE = 2;
  private static final String HERE = "redis://localhost:6379/0";
  private static final Cell NOTE = Cell.string(Bytes.utf8("note"));
  private static final Cell FIELD = Cell.field(Bytes.utf8("page:1"), Bytes.utf8("té\nxt"));

  @TempDir private Path home;

  private final Map<String, String> environment = new HashMap<>();
  private final StringWriter help = new StringWriter();
  private final StringWriter errors = new StringWriter();
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final MemoryBackend backend = new MemoryBackend();
  private final List<BackendChoice> connected = new ArrayList<>();

  private KeptTexts texts;
  private Instant now = Instant.parse("2026-02-03T04:05:06.789Z");
  private boolean terminalShowsOutput;

  @BeforeEach
  void openTexts() {
    environment.put("XDG_STATE_HOME", home.toString());
    texts = new KeptTexts(home.resolve("redisfuse/conflicts"), () -> now);
  }

  @AfterEach
  void close() {
    backend.close();
  }

  @Test
  void helpShowsSubcommandsAndExamples() {
    assertThat(run("--help")).isZero();
    assertThat(help.toString())
        .contains("redisfuse-daemon conflicts", "list", "show", "diff", "apply", "drop")
        .contains("Examples:", "redisfuse-daemon conflicts diff 20260203T0405")
        .contains("Exit status:");
    for (String subcommand : List.of("show", "diff", "apply", "drop")) {
      help.getBuffer().setLength(0);
      assertThat(run(subcommand, "--help")).isZero();
      assertThat(help.toString()).contains("Usage: redisfuse-daemon conflicts " + subcommand);
      assertThat(help.toString()).containsAnyOf("Example:", "Examples:").contains("ID");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "list"})
  void listShowsEveryTextOnALine(String subcommand) throws IOException {
    KeptText first = keep(HERE, NOTE, Reason.REJECTED, "mine");
    now = now.plusSeconds(1);
    KeptText second = keep("memory", FIELD, Reason.UNSAVED, "x".repeat(2048));

    assertThat(run(subcommand.isEmpty() ? new String[0] : new String[] {subcommand})).isZero();

    assertThat(out().lines().toList())
        .hasSize(3)
        .satisfies(
            lines -> {
              assertThat(lines.get(0)).startsWith("ID ").contains("WHEN", "WHERE", "PROCESS");
              assertThat(lines.get(1))
                  .startsWith(first.id())
                  .contains("rejected", "  4 B  ", "key note", "vim (4711)", HERE);
              assertThat(lines.get(2))
                  .startsWith(second.id())
                  .contains("unsaved", "2.0 KiB", "field té\\nxt of hash page:1", "memory");
            });
    assertThat(errors.toString()).isEmpty();
  }

  @Test
  void listWithoutTextsPrintsNothingButANote() {
    assertThat(run("list")).isZero();
    assertThat(out()).isEmpty();
    assertThat(errors.toString())
        .isEqualTo("No texts are kept in " + texts.directory() + "." + System.lineSeparator());
    assertThat(home).isEmptyDirectory();
  }

  @Test
  void showPrintsTheTextAsItIs() throws IOException {
    byte[] bytes = new byte[100_000];
    new Random(7).nextBytes(bytes);
    KeptText text = keep(HERE, NOTE, Reason.REJECTED, bytes);

    assertThat(run("show", text.id())).isZero();

    assertThat(out.toByteArray()).isEqualTo(bytes);
    assertThat(errors.toString())
        .contains("key note", HERE, "Somebody else saved.", "vim (4711)", text.id(), "100000 bytes")
        .contains(Version.of(Bytes.utf8("base")).toString());
  }

  @Test
  void anIdMayBeShortened() throws IOException {
    KeptText first = keep(HERE, NOTE, Reason.REJECTED, "first");
    keep(HERE, NOTE, Reason.REJECTED, "second");

    assertThat(run("show", first.id().substring(0, 12))).isEqualTo(USAGE);
    assertThat(errors.toString())
        .contains("The IDs of 2 kept texts begin with '20260203T040'")
        .contains(first.id())
        .hasLineCount(1);

    assertThat(run("drop", first.id())).isZero();
    out.reset();
    assertThat(run("show", "2026")).isZero();
    assertThat(out()).isEqualTo("second");
  }

  @ParameterizedTest
  @ValueSource(strings = {"show", "diff", "apply", "drop"})
  void anUnknownIdIsAMistakeBeforeAnythingIsDone(String subcommand) throws IOException {
    KeptText text = keep(HERE, NOTE, Reason.REJECTED, "mine");
    String[] arguments =
        subcommand.equals("show") || subcommand.equals("diff")
            ? new String[] {subcommand, "1999"}
            : new String[] {subcommand, text.id(), "1999"};

    assertThat(run(arguments)).isEqualTo(USAGE);

    assertThat(errors.toString())
        .contains("There is no kept text whose ID begins with '1999'; `redisfuse-daemon conflicts")
        .hasLineCount(1);
    assertThat(texts.list()).containsExactly(text);
    assertThat(connected).isEmpty();
  }

  @Test
  void diffShowsWhatWouldChange() throws IOException {
    put("a\nb\nc\n");
    KeptText text = keep(HERE, NOTE, Reason.REJECTED, "a\nB\nc\n");

    assertThat(run("diff", text.id())).isZero();

    assertThat(out())
        .isEqualTo(
            "--- key note (now)\n+++ key note (kept as "
                + text.id()
                + ")\n@@ -1,3 +1,3 @@\n a\n-b\n+B\n c\n");
    assertThat(connected).extracting(BackendChoice::source).containsExactly(HERE);
  }

  @Test
  void diffIsColouredForATerminalUnlessToldOtherwise() throws IOException {
    put("b\n");
    KeptText text = keep(HERE, NOTE, Reason.REJECTED, "B\n");
    assertThat(run("diff", text.id())).isZero();
    assertThat(out()).doesNotContain("\033");

    terminalShowsOutput = true;
    out.reset();
    assertThat(run("diff", text.id())).isZero();
    assertThat(out())
        .contains("\033[1m--- key note (now)\033[m\n", "\033[36m@@ -1,1 +1,1 @@\033[m\n")
        .contains("\033[31m-b\033[m\n\033[32m+B\033[m\n");

    environment.put("NO_COLOR", "1");
    out.reset();
    assertThat(run("diff", text.id())).isZero();
    assertThat(out()).doesNotContain("\033");
  }

  @Test
  void diffSaysThatTheKeyIsDeleted() throws IOException {
    KeptText text = keep(HERE, NOTE, Reason.REJECTED, "mine\n");
    assertThat(run("diff", text.id())).isZero();
    assertThat(out()).startsWith("--- key note (deleted)\n").endsWith("@@ -0,0 +1,1 @@\n+mine\n");
  }

  @Test
  void diffOfWhatIsNoTextCountsBytes() throws IOException {
    put("a\0b");
    KeptText text = keep(HERE, NOTE, Reason.REJECTED, new byte[] {'a', 0, 'c', 'd'});
    assertThat(run("diff", text.id())).isZero();
    assertThat(out())
        .isEqualTo(
            "The key note holds 3 bytes now; 4 bytes are kept; they differ from offset 2 on.\n");
  }

  @Test
  void diffOfLargeTextsCountsBytes() throws IOException {
    byte[] large = new byte[6 << 20];
    Arrays.fill(large, (byte) 'a');
    put(new String(large, UTF_8));
    large[5_000_000] = 'b';
    KeptText text = keep(HERE, NOTE, Reason.REJECTED, large);
    assertThat(run("diff", text.id())).isZero();
    assertThat(out()).contains("6291456 bytes now", "they differ from offset 5000000 on.");
  }

  @Test
  void diffOfAnAppendedTextShowsWhatItWouldAdd() throws IOException {
    put("a\n");
    KeptText text = keep(HERE, NOTE, Reason.UNCERTAIN, "b\n");
    assertThat(run("diff", text.id())).isZero();
    assertThat(out()).endsWith("@@ -1,1 +1,2 @@\n a\n+b\n");
    assertThat(errors.toString()).isEmpty();

    put("a\nb\n");
    assertThat(run("diff", text.id())).isZero();
    assertThat(errors.toString()).contains("It ends with the kept text already");
  }

  @Test
  void applySavesAndKeepsWhatItReplaced() throws IOException {
    put("rival's");
    KeptText text = keep(HERE, NOTE, Reason.REJECTED, "mine");

    assertThat(run("apply", text.id())).isZero();

    assertThat(content()).contains("mine");
    assertThat(texts.list())
        .singleElement()
        .extracting(KeptText::reason)
        .isEqualTo(Reason.OVERWRITTEN);
    assertThat(out()).contains("The key note now holds the kept text " + text.id()).hasLineCount(1);
    assertThat(errors.toString()).isEmpty();
  }

  @Test
  void applyGoesOnAfterAConflict() throws IOException {
    put("third");
    KeptText text = keep(HERE, NOTE, Reason.REJECTED, "mine");
    KeptText other = keep(HERE, FIELD, Reason.UNSAVED, "appended");

    assertThat(run("apply", text.id(), other.id())).isEqualTo(FAILURE);

    assertThat(errors.toString())
        .startsWith("redisfuse-daemon: The key note holds neither what")
        .hasLineCount(1);
    assertThat(out()).startsWith("Appended the kept text " + other.id()).hasLineCount(1);
    assertThat(texts.list()).containsExactly(text);
    assertThat(connected).as("once for both").hasSize(1);

    assertThat(run("apply", "--onto-current", text.id())).isZero();
    assertThat(content()).contains("mine");
  }

  @ParameterizedTest
  @ValueSource(strings = {"diff", "apply"})
  void whatAMountInMemoryHeldIsOutOfReach(String subcommand) throws IOException {
    KeptText text = keep("memory", NOTE, Reason.REJECTED, "mine");
    assertThat(run(subcommand, text.id())).isEqualTo(FAILURE);
    assertThat(errors.toString())
        .contains("`mv NAME.conflict-20260203T040506789Z NAME`")
        .hasLineCount(1);
    assertThat(texts.list()).containsExactly(text);
  }

  @Test
  void theServerIsTheOneThatTheTextCameFrom() throws IOException {
    environment.put("REDISFUSE_URI", "redis://:geheim@elsewhere:1/0");
    KeptText text = keep("rediss://bob@here:6380/3", NOTE, Reason.REJECTED, "mine");

    run("diff", text.id());
    environment.put("REDISFUSE_URI", "rediss://bob:geheim@here:6380/3");
    run("diff", text.id());
    environment.put("REDISFUSE_PASSWORD", "other");
    run("diff", text.id());
    run("diff", "--uri", "redis://tunnel", "--timeout", "3s", text.id());

    assertThat(connected)
        .extracting(choice -> choice.server().uri().toString())
        .containsExactly(
            "rediss://bob@here:6380/3",
            "rediss://bob@here:6380/3",
            "rediss://bob@here:6380/3",
            "redis://tunnel");
    assertThat(connected)
        .extracting(choice -> choice.server().password().map(Secret::reveal).orElse("none"))
        .containsExactly("none", "geheim", "other", "other");
    assertThat(connected.get(3).timeout()).hasSeconds(3);
    assertThat(out() + errors + help).doesNotContain("geheim");
  }

  @Test
  void dropRemovesTheOnesThatAreNamedOrAll() throws IOException {
    KeptText first = keep(HERE, NOTE, Reason.REJECTED, "1");
    KeptText second = keep(HERE, NOTE, Reason.REJECTED, "2");
    KeptText third = keep(HERE, NOTE, Reason.REJECTED, "3");

    assertThat(run("drop", first.id(), first.id())).isZero();
    assertThat(texts.list()).containsExactly(second, third);
    assertThat(out()).isEqualTo("Dropped " + first.id() + " of the key note.\n");

    assertThat(run("drop", "--all")).isZero();
    assertThat(texts.list()).isEmpty();
    assertThat(run("drop", "--all")).isZero();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      value = {
        "drop                     | --all",
        "drop --all 2026          | Unmatched argument at index 3: '2026'",
        "show                     | Missing required parameter: 'ID'",
        "apply                    | Missing required parameter",
        "diff a b                 | Unmatched argument at index 3: 'b'",
        "list a                   | Unmatched argument",
        "frobnicate               | Unmatched argument at index 1: 'frobnicate'",
        "apply --password geheim a| A password in --password is visible to everyone",
        "diff --uri redis://:geheim@h a | A password in --uri is visible to everyone",
        "diff --timeout soon a    | 'soon' is not a time above zero",
      })
  void aMistakeIsOneSentenceAndStatusTwo(String arguments, String sentence) throws IOException {
    KeptText text = keep(HERE, NOTE, Reason.REJECTED, "mine");
    String[] words = arguments.strip().replaceAll(" a$", " " + text.id()).split(" +");

    assertThat(run(arguments.contains("geheim") ? words : arguments.strip().split(" +")))
        .isEqualTo(USAGE);

    assertThat(errors.toString())
        .startsWith("redisfuse-daemon: ")
        .contains(sentence)
        .doesNotContain("geheim")
        .hasLineCount(1);
    assertThat(texts.list()).containsExactly(text);
  }

  @ParameterizedTest
  @ValueSource(strings = {"--read-only", "--password=geheim", "/mnt"})
  void whatStandsBeforeTheSubcommandIsNotIgnored(String argument) {
    assertThat(daemon(argument, "conflicts", "list")).isEqualTo(USAGE);
    assertThat(errors.toString())
        .contains("stands before 'conflicts'")
        .doesNotContain("geheim")
        .hasLineCount(1);
  }

  @Test
  void aStateDirectoryThatCannotBeReadIsOneSentence() throws IOException {
    Files.createDirectories(home.resolve("redisfuse"));
    Files.createFile(home.resolve("redisfuse/conflicts"));
    assertThat(run("list")).isEqualTo(FAILURE);
    assertThat(errors.toString())
        .contains("The kept texts in " + texts.directory() + " cannot be read or written")
        .hasLineCount(1);
  }

  @Test
  void nothingIsLeftInTheStateDirectoryByLooking() throws IOException {
    KeptText text = keep(HERE, NOTE, Reason.REJECTED, "mine");
    run("list");
    run("show", text.id());
    run("diff", text.id());
    try (Stream<Path> files = Files.list(texts.directory())) {
      assertThat(files).hasSize(2);
    }
  }

  private KeptText keep(String source, Cell cell, Reason reason, String text) throws IOException {
    return keep(source, cell, reason, text.getBytes(UTF_8));
  }

  private KeptText keep(String source, Cell cell, Reason reason, byte[] text) throws IOException {
    return texts.keep(
        source,
        cell,
        reason,
        reason == Reason.REJECTED ? Optional.of(Version.of(Bytes.utf8("base"))) : Optional.empty(),
        Optional.of(Version.of(Bytes.utf8("rival's"))),
        "vim (4711)",
        "Somebody else saved.",
        channel -> channel.write(ByteBuffer.wrap(text)));
  }

  private void put(String content) {
    backend.commit(Transaction.of(new Change.Put(NOTE, Bytes.utf8(content))));
  }

  private Optional<String> content() {
    return backend.read(NOTE).map(Snapshot::content).map(Bytes::toUtf8);
  }

  private String out() {
    return out.toString(UTF_8);
  }

  private int run(String... arguments) {
    return daemon(
        Stream.concat(Stream.of("conflicts"), Stream.of(arguments)).toArray(String[]::new));
  }

  private int daemon(String... arguments) {
    Terminal terminal =
        new Terminal() {
          @Override
          public Optional<Secret> askPassword(String prompt) {
            return Optional.empty();
          }

          @Override
          public boolean showsOutput() {
            return terminalShowsOutput;
          }
        };
    return new RedisfuseDaemon(
            environment,
            terminal,
            new PrintStream(out, true, UTF_8),
            choice -> {
              connected.add(choice);
              return backend.openAnother();
            })
        .run(new PrintWriter(help, true), new PrintWriter(errors, true), arguments);
  }
}
