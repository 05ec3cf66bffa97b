package io.redisfuse.daemon;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.redisfuse.api.Bytes;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

class TextDiffTest {

  @TempDir Path directory;

  @Test
  void equalTextsHaveNoDiff() {
    assertThat(diff("", "")).isEmpty();
    assertThat(diff("a\nb", "a\nb")).isEmpty();
  }

  @Test
  void aChangeIsShownInItsContext() {
    assertThat(diff("1\n2\n3\n4\n5\n6\n7\n8\n9\n", "1\n2\n3\n4\nfive\n6\n7\n8\n9\n"))
        .containsExactly(
            "--- old",
            "+++ new",
            "@@ -2,7 +2,7 @@",
            " 2",
            " 3",
            " 4",
            "-5",
            "+five",
            " 6",
            " 7",
            " 8");
  }

  @Test
  void aMissingNewlineAtTheEndIsADifference() {
    assertThat(diff("a\nb", "a\nb\n"))
        .containsExactly(
            "--- old",
            "+++ new",
            "@@ -1,2 +1,2 @@",
            " a",
            "-b",
            "\\ No newline at end of file",
            "+b");
  }

  @Test
  void whatIsNoTextIsShownWithEscapes() {
    assertThat(TextDiff.of("o", Bytes.wrap(new byte[] {'a', -1, 10}), "n", Bytes.utf8("a\033\n")))
        .containsExactly("--- o", "+++ n", "@@ -1,1 +1,1 @@", "-a\\xff", "+a\\x1b");
  }

  @Test
  void patchMakesOneTextOfTheOther() throws Exception {
    Random random = new Random(42);
    requirePatch("", "a\nb\n");
    requirePatch("a\nb\n", "");
    requirePatch("", "a");
    requirePatch("a", "b");
    requirePatch("a\n@@ -1 +1 @@\n--- x\n+++ y\n", "@@\n--- x\n-\n+\n \n");
    for (int i = 0; i < 60; i++) {
      requirePatch(randomText(random), randomText(random));
    }
  }

  @Test
  @Timeout(value = 60, unit = TimeUnit.SECONDS)
  void manyLinesThatAllDifferAreOneChange() throws Exception {
    String same = "same\n".repeat(10);
    requirePatch(
        same + lines("old ", 40_000) + same + "end", same + lines("new ", 50_000) + same + "end");
  }

  @Test
  @Timeout(value = 60, unit = TimeUnit.SECONDS)
  void aFewChangesAmongManyLinesAreAFewChanges() {
    String old = lines("line ", 200_000);
    assertThat(diff(old, old.replace("line 777\n", "").replace("line 199000\n", "other\n")))
        .hasSizeLessThan(25);
  }

  private static String lines(String word, int count) {
    return IntStream.range(0, count).mapToObj(i -> word + i + "\n").collect(Collectors.joining());
  }

  private static String randomText(Random random) {
    String text =
        IntStream.range(0, random.nextInt(30))
            .mapToObj(i -> random.nextInt(6) + "\n")
            .collect(Collectors.joining());
    return random.nextBoolean() || text.isEmpty() ? text : text.substring(0, text.length() - 1);
  }

  private static List<String> diff(String before, String after) {
    return TextDiff.of("old", Bytes.utf8(before), "new", Bytes.utf8(after));
  }

  /** The program {@code patch} is not everywhere: git is what the tests have. */
  private void requirePatch(String before, String after) throws Exception {
    List<String> diff = TextDiff.of("a/file", Bytes.utf8(before), "b/file", Bytes.utf8(after));
    if (before.equals(after)) {
      assertThat(diff).isEmpty();
      return;
    }
    Path file = directory.resolve("file");
    Path patch = directory.resolve("patch");
    Files.writeString(file, before);
    Files.writeString(patch, String.join("\n", diff) + "\n");
    Process git =
        new ProcessBuilder("git", "apply", "--whitespace=nowarn", "patch")
            .directory(directory.toFile())
            .redirectErrorStream(true)
            .start();
    git.getOutputStream().close();
    String said = new String(git.getInputStream().readAllBytes(), UTF_8);
    assertThat(git.waitFor(30, TimeUnit.SECONDS)).isTrue();
    assertThat(git.exitValue()).as(said + diff).isZero();
    assertThat(read(file)).isEqualTo(after);
  }

  private static String read(Path file) throws IOException {
    return Files.exists(file) ? Files.readString(file) : "";
  }
}
