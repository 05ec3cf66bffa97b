package io.redisfuse.it;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.redisfuse.api.Bytes;
import io.redisfuse.api.Cell;
import io.redisfuse.api.Version;
import io.redisfuse.frontend.conflicts.KeptText;
import io.redisfuse.frontend.conflicts.KeptTexts;
import io.redisfuse.frontend.conflicts.Reason;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** {@code redisfuse-daemon conflicts} as a process of its own, beside a mount or without one. */
class ConflictsCommandIT {

  private static final int FAILURE = 1;
  private static final int USAGE = 2;
  private static final Cell NOTE = Cell.string(Bytes.utf8("note"));

  @RegisterExtension final Workplace place = new Workplace();

  private KeptTexts texts;

  @BeforeEach
  void openTexts() {
    texts = new KeptTexts(place.home().resolve("state/redisfuse/conflicts"), Clock.systemUTC());
  }

  @Test
  void aRejectedTextIsListedShownComparedAndSaved() throws IOException {
    Redis redis = place.redis();
    redis.with(
        client -> {
          client.set("note", "title\nrival's\n");
          client.expire("note", 1000);
        });
    KeptText text = reject(redis.uri(), "title\nmine\n", version("title\nrival's\n"));

    assertThat(succeed("conflicts").out())
        .hasLineCount(2)
        .contains(text.id(), "key note", "rejected", "vim (4711)", redis.uri());
    Daemon show = succeed("conflicts", "show", text.id());
    assertThat(show.out()).isEqualTo("title\nmine\n");
    assertThat(show.err()).contains(text.id(), "key note");
    assertThat(succeed("conflicts", "diff", text.id()).out())
        .isEqualTo(
            "--- key note (now)\n+++ key note (kept as "
                + text.id()
                + ")\n@@ -1,2 +1,2 @@\n title\n-rival's\n+mine\n");

    assertThat(succeed("conflicts", "apply", text.id()).out())
        .contains("The key note now holds the kept text " + text.id());

    assertThat(redis.get("note")).isEqualTo("title\nmine\n");
    redis.with(client -> assertThat(client.ttl("note")).isPositive());
    assertThat(texts.list()).hasSize(1);
    KeptText overwritten = texts.list().get(0);
    assertThat(overwritten.reason()).isEqualTo(Reason.OVERWRITTEN);
    assertThat(overwritten.file()).hasContent("title\nrival's\n");

    succeed("conflicts", "drop", overwritten.id());
    assertThat(texts.list()).isEmpty();
    assertThat(succeed("conflicts").out()).isEmpty();
  }

  @Test
  void besideAMountTheSavedTextIsSeenThereAtOnce() throws IOException {
    Redis redis = place.redis();
    redis.with(client -> client.hset("page", "text", "rival's"));
    Mount mount = place.mount(redis);
    assertThat(Files.readString(mount.resolve("page.text"))).isEqualTo("rival's");
    KeptText text =
        keep(
            redis.uri(),
            Cell.field(Bytes.utf8("page"), Bytes.utf8("text")),
            "mine",
            version("rival's"));

    succeed("conflicts", "apply", text.id());

    assertThat(Files.readString(mount.resolve("page.text"))).isEqualTo("mine");
    assertThat(redis.get("page", "text")).isEqualTo("mine");
  }

  @Test
  void whatHasChangedAgainIsOnlyReplacedOnRequest() throws IOException {
    Redis redis = place.redis();
    redis.with(client -> client.set("note", "third"));
    KeptText text = reject(redis.uri(), "mine", version("rival's"));

    Daemon refused = run("conflicts", "apply", text.id());

    requireSentence(refused, FAILURE, "holds neither what");
    assertThat(redis.get("note")).isEqualTo("third");
    assertThat(texts.list()).containsExactly(text);

    succeed("conflicts", "apply", "--onto-current", text.id().substring(0, 18));
    assertThat(redis.get("note")).isEqualTo("mine");
    assertThat(texts.list())
        .singleElement()
        .satisfies(kept -> assertThat(kept.file()).hasContent("third"));
  }

  @Test
  void whatWasDeletedOrIsAListNowIsToldApart() throws IOException {
    Redis redis = place.redis();
    KeptText deleted = reject(redis.uri(), "mine\n", Optional.of(Version.ABSENT));
    assertThat(succeed("conflicts", "diff", deleted.id()).out())
        .contains("key note (deleted)", "@@ -0,0 +1,1 @@");

    redis.with(client -> client.rpush("note", "item"));
    requireSentence(run("conflicts", "apply", deleted.id()), FAILURE, "is a list now");
    requireSentence(run("conflicts", "diff", deleted.id()), FAILURE, "is a list now");

    redis.with(client -> client.del("note"));
    succeed("conflicts", "apply", deleted.id());
    assertThat(redis.get("note")).isEqualTo("mine\n");
    assertThat(texts.list()).isEmpty();
  }

  @Test
  void aPasswordIsFoundWhereTheMountFindsIt() throws IOException {
    Redis redis = place.redis("--requirepass", "correct-horse");
    String withPassword = redis.uri().replace("//", "//:correct-horse@");
    KeptText text = reject(redis.uri(), "mine", Optional.of(Version.ABSENT));

    requireSentence(run("conflicts", "apply", text.id()), FAILURE, "password");

    Daemon apply =
        place.daemon(Map.of("REDISFUSE_URI", withPassword), "conflicts", "apply", text.id());
    assertThat(apply.awaitEnd()).as("%s", apply).isZero();
    assertThat(apply.out() + apply.err()).doesNotContain("correct-horse");
    assertThat(texts.list()).isEmpty();
  }

  @Test
  void withoutAServerTheTextStaysAndCanBeShown() throws IOException {
    Redis redis = place.redis();
    KeptText text = reject(redis.uri(), "mine", Optional.of(Version.ABSENT));
    redis.kill();

    Daemon apply = run("conflicts", "apply", "--timeout", "1s", text.id());

    requireSentence(apply, FAILURE, "127.0.0.1:" + redis.port());
    assertThat(succeed("conflicts", "show", text.id()).out()).isEqualTo("mine");
  }

  @Test
  void anUnknownIdIsAMistake() {
    requireSentence(run("conflicts", "apply", "1999"), USAGE, "1999");
  }

  @Test
  void aLargeTextReplacesALargeOne() throws IOException {
    Redis redis = place.redis();
    byte[] theirs = new byte[100 << 20];
    byte[] mine = new byte[100 << 20];
    new Random(1).nextBytes(theirs);
    new Random(2).nextBytes(mine);
    redis.with(client -> client.set("note".getBytes(UTF_8), theirs));
    KeptText text = keep(redis.uri(), NOTE, mine, Optional.of(Version.of(Bytes.wrap(theirs))));

    assertThat(succeed("conflicts", "diff", text.id()).out())
        .contains("104857600 bytes now", "they differ from offset 0 on.");
    succeed("conflicts", "apply", text.id());

    redis.with(
        client ->
            assertThat(Version.of(Bytes.wrap(client.get("note".getBytes(UTF_8)))))
                .isEqualTo(Version.of(Bytes.wrap(mine))));
    assertThat(Version.of(Bytes.wrap(Files.readAllBytes(texts.list().get(0).file()))))
        .isEqualTo(Version.of(Bytes.wrap(theirs)));
  }

  @Test
  void onATerminalTheDiffIsColoured() throws IOException {
    Redis redis = place.redis();
    redis.with(client -> client.set("note", "rival's\n"));
    KeptText text = reject(redis.uri(), "mine\n", version("rival's\n"));
    String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
    String diff =
        java + " -XX:TieredStopAtLevel=1 -jar " + Daemon.JAR + " conflicts diff " + text.id();

    assertThat(place.shell().run("script -qec '" + diff + "' /dev/null"))
        .contains("\033[31m-rival's\033[m", "\033[32m+mine\033[m");
    assertThat(place.shell().run("NO_COLOR=1 script -qec '" + diff + "' /dev/null"))
        .contains("+mine")
        .doesNotContain("\033");
    assertThat(place.shell().run(diff + " | cat")).contains("+mine").doesNotContain("\033");
  }

  private KeptText reject(String source, String text, Optional<Version> found) throws IOException {
    return keep(source, NOTE, text, found);
  }

  private KeptText keep(String source, Cell cell, String text, Optional<Version> found)
      throws IOException {
    return keep(source, cell, text.getBytes(UTF_8), found);
  }

  private KeptText keep(String source, Cell cell, byte[] text, Optional<Version> found)
      throws IOException {
    ByteBuffer content = ByteBuffer.wrap(text);
    return texts.keep(
        source,
        cell,
        Reason.REJECTED,
        version("base"),
        found,
        "vim (4711)",
        "Somebody else saved.",
        out -> {
          while (content.hasRemaining()) {
            out.write(content);
          }
        });
  }

  private static Optional<Version> version(String text) {
    return Optional.of(Version.of(Bytes.utf8(text)));
  }

  private Daemon run(String... arguments) {
    return place.daemon(Map.of(), arguments);
  }

  private Daemon succeed(String... arguments) {
    Daemon daemon = run(arguments);
    assertThat(daemon.awaitEnd()).as("%s", daemon).isZero();
    return daemon;
  }

  private static void requireSentence(Daemon daemon, int status, String word) {
    assertThat(daemon.awaitEnd()).as("%s", daemon).isEqualTo(status);
    assertThat(daemon.out()).as("%s", daemon).isEmpty();
    assertThat(daemon.err().lines().filter(line -> line.startsWith("redisfuse-daemon: ")))
        .as("%s", daemon)
        .singleElement()
        .satisfies(line -> assertThat(line).contains(word).endsWith("."));
    assertThat(daemon.err()).doesNotContain("\tat ").doesNotContain("Exception");
  }
}
