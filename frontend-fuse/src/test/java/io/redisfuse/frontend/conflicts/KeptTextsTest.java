package io.redisfuse.frontend.conflicts;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.redisfuse.api.Bytes;
import io.redisfuse.api.Cell;
import io.redisfuse.api.Version;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class KeptTextsTest {

  private static final Cell CELL = Cell.string(Bytes.utf8("a:b"));
  private static final Version BASE = Version.of(Bytes.utf8("base"));

  @TempDir Path temporary;

  private Instant now = Instant.parse("2026-02-03T04:05:06.789123Z");

  @Test
  void nothingIsKeptAtFirstAndNothingIsMadeForThat() throws IOException {
    assertThat(texts().list()).isEmpty();
    assertThat(texts().find("20260203T040506789Z-000")).isEmpty();
    assertThat(directory()).doesNotExist();
  }

  @Test
  void aTextIsFoundByALaterProcessAsItWasKept() throws IOException {
    KeptText kept =
        texts()
            .keep(
                "redis://localhost:6379/0",
                CELL,
                Reason.OVERWRITTEN,
                Optional.of(BASE),
                Optional.of(Version.ABSENT),
                "vim (4711)",
                "Somebody deleted it – \"100 %\"\n=sure=",
                writer("rejected\0text"));

    assertThat(kept.id()).isEqualTo("20260203T040506789Z-000");
    assertThat(kept.time()).isEqualTo(Instant.parse("2026-02-03T04:05:06.789Z"));
    assertThat(kept.cell()).isEqualTo(CELL);
    assertThat(kept.found()).contains(Version.ABSENT);
    assertThat(kept.why()).isEqualTo("Somebody deleted it – \"100 %\"\n=sure=");
    assertThat(kept.size()).isEqualTo(13);
    assertThat(kept.file()).hasContent("rejected\0text");
    assertThat(texts().list()).containsExactly(kept);
    assertThat(texts().find(kept.id())).contains(kept);
  }

  @Test
  void cellsOfAnyBytesAndEmptyThingsAreKept() throws IOException {
    Bytes all = allBytes();
    for (Cell cell :
        List.of(
            Cell.string(all),
            Cell.field(all, all),
            Cell.string(Bytes.EMPTY),
            Cell.field(Bytes.EMPTY, Bytes.EMPTY),
            Cell.field(Bytes.utf8("a\nsize=5"), Bytes.utf8("%41%")))) {
      KeptText kept =
          texts()
              .keep(
                  "",
                  cell,
                  Reason.UNSAVED,
                  Optional.empty(),
                  Optional.empty(),
                  "",
                  "",
                  out -> out.write(all.asByteBuffer()));

      KeptText found = texts().find(kept.id()).orElseThrow();
      assertThat(found).isEqualTo(kept);
      assertThat(found.cell()).isEqualTo(cell);
      assertThat(Bytes.wrap(Files.readAllBytes(found.file()))).isEqualTo(all);
    }
  }

  @Test
  void aWriterMayBeginAgain() throws IOException {
    KeptText kept =
        keep(
            out -> {
              out.write(ByteBuffer.wrap("what changed meanwhile".getBytes(UTF_8)));
              out.truncate(0);
              out.write(ByteBuffer.wrap("whole".getBytes(UTF_8)));
            });
    assertThat(kept.size()).isEqualTo(5);
    assertThat(kept.file()).hasContent("whole");
  }

  @Test
  void whatWasMadeFromNoVersionWasToBeAppended() {
    assertThat(kept(Reason.REJECTED, Optional.of(BASE)).isAppended()).isFalse();
    assertThat(kept(Reason.REJECTED, Optional.of(Version.ABSENT)).isAppended()).isFalse();
    assertThat(kept(Reason.UNSAVED, Optional.empty()).isAppended()).isTrue();
    assertThat(kept(Reason.UNCERTAIN, Optional.empty()).isAppended()).isTrue();
    assertThat(kept(Reason.OVERWRITTEN, Optional.empty()).isAppended()).isFalse();
  }

  @Test
  void anEmptyTextIsKept() throws IOException {
    KeptText kept = keep("");
    assertThat(texts().list()).containsExactly(kept);
    assertThat(kept.size()).isZero();
  }

  @Test
  void everythingIsReadableByItsOwnerAlone() throws IOException {
    keep("secret");
    assertMode(directory(), "rwx------");
    try (Stream<Path> files = Files.list(directory())) {
      assertThat(files).hasSize(2).allSatisfy(file -> assertMode(file, "rw-------"));
    }
  }

  @Test
  void textsOfOneMomentAreListedInTheOrderInWhichTheyWereKept() throws IOException {
    KeptText first = keep("1");
    KeptText second = keep("2");
    now = now.plusMillis(1);
    KeptText third = keep("3");
    now = now.minus(Duration.ofDays(365));
    KeptText old = keep("0");
    assertThat(texts().list()).containsExactly(old, first, second, third);
    assertThat(first.id()).isLessThan(second.id());
    assertThat(third.id()).isEqualTo("20260203T040506790Z-000");
  }

  @Test
  void aDroppedTextLeavesNothing() throws IOException {
    KeptText kept = keep("1");
    KeptText other = keep("2");
    texts().drop(kept);
    assertThat(texts().list()).containsExactly(other);
    texts().drop(kept);
    texts().drop(other);
    assertThat(directory()).isEmptyDirectory();
  }

  @Test
  void whatAWriterCouldNotWriteLeavesNothing() {
    assertThatThrownBy(
            () ->
                keep(
                    out -> {
                      out.write(ByteBuffer.wrap(new byte[100]));
                      throw new IOException("full");
                    }))
        .isInstanceOf(IOException.class)
        .hasMessage("full");
    assertThatThrownBy(
            () ->
                keep(
                    out -> {
                      throw new IllegalStateException("broken");
                    }))
        .isInstanceOf(IllegalStateException.class);
    assertThat(directory()).isEmptyDirectory();
  }

  @Test
  void nobodySeesATextBeforeItIsWhole() throws IOException {
    keep(
        out -> {
          out.write(ByteBuffer.wrap(new byte[100]));
          assertThat(texts().list()).isEmpty();
          assertThat(texts().find("20260203T040506789Z-000")).isEmpty();
        });
    assertThat(texts().list()).hasSize(1);
  }

  @Test
  void aDamagedRecordIsLeftOutAndItsFilesStay() throws IOException {
    KeptText whole = keep("whole");
    for (String damage :
        List.of(
            "",
            "something else\nend\n",
            "redisfuse-kept-text 1\n",
            "redisfuse-kept-text 1\nend\n",
            "redisfuse-kept-text 1\nno equals sign\nend\n")) {
      Files.writeString(record(keep("damaged")), damage);
    }
    for (String line : List.of("reason=REJECTED", "time=2026", "size=", "key=a", "expected=")) {
      Path record = record(keep("damaged"));
      String sound = Files.readString(record);
      int at = sound.indexOf(line);
      assertThat(at).as(line).isPositive();
      Files.writeString(record, sound.substring(0, at + line.length()) + "%4\nend\n");
    }
    Path cut = record(keep("damaged"));
    Files.write(cut, Stream.of("redisfuse-kept-text 1", "time=").toList());
    Files.writeString(keep("a text that was cut").file(), "a text that");
    Files.delete(keep("a text that is gone").file());

    KeptTexts texts = texts();
    assertThat(texts.list()).containsExactly(whole);
    assertThat(cut).exists();
  }

  @Test
  void idsThatAreNoneAreNotFound() throws IOException {
    KeptText kept = keep("1");
    for (String id :
        List.of("", ".", "../" + kept.id(), kept.id() + "/", kept.id().substring(3), "x\0y")) {
      assertThat(texts().find(id)).as(id).isEmpty();
    }
  }

  @Test
  void partsThatDeadProcessesLeftAreRemovedAfterADay() throws IOException {
    now = Instant.now();
    keep("1");
    Path old = directory().resolve(".20200101T000000000Z-000.text.part");
    Path young = directory().resolve(".20200101T000000001Z-000.text.part");
    Files.createFile(young);
    Files.createFile(old);
    Files.setLastModifiedTime(old, FileTime.from(now.minus(Duration.ofHours(25))));
    keep("2");
    assertThat(old).doesNotExist();
    assertThat(young).exists();
    assertThat(texts().list()).hasSize(2);
  }

  @Test
  void manyWhoKeepAndDropInOneMomentDoNotDisturbEachOther() throws Exception {
    int rivals = 4;
    int each = 40;
    CyclicBarrier start = new CyclicBarrier(rivals);
    ExecutorService threads = Executors.newFixedThreadPool(rivals);
    List<Future<List<KeptText>>> results = new ArrayList<>();
    for (int rival = 0; rival < rivals; rival++) {
      String name = "rival " + rival + " ";
      Callable<List<KeptText>> task =
          () -> {
            KeptTexts own = texts();
            List<KeptText> mine = new ArrayList<>();
            start.await(10, TimeUnit.SECONDS);
            for (int i = 0; i < each; i++) {
              KeptText kept = keep(own, writer(name + i));
              if (i % 2 == 0) {
                own.drop(kept);
              } else {
                mine.add(kept);
                assertThat(kept.file()).hasContent(name + i);
              }
              assertThat(own.list()).containsAll(mine);
            }
            return mine;
          };
      results.add(threads.submit(task));
    }
    List<KeptText> expected = new ArrayList<>();
    for (Future<List<KeptText>> result : results) {
      expected.addAll(result.get(60, TimeUnit.SECONDS));
    }
    threads.shutdownNow();
    assertThat(texts().list()).containsExactlyInAnyOrderElementsOf(expected);
    assertThat(expected.stream().map(KeptText::id)).doesNotHaveDuplicates();
    try (Stream<Path> files = Files.list(directory())) {
      assertThat(files).hasSize(2 * expected.size());
    }
  }

  @Test
  void aDirectoryThatIsAFileIsAnError() throws IOException {
    Files.createFile(directory());
    assertThatThrownBy(() -> keep("1")).isInstanceOf(IOException.class);
    assertThatThrownBy(() -> texts().list()).isInstanceOf(IOException.class);
  }

  private KeptTexts texts() {
    InstantSource clock = () -> now;
    return new KeptTexts(directory(), clock);
  }

  private KeptText keep(String text) throws IOException {
    return keep(writer(text));
  }

  private KeptText keep(KeptTexts.Writer writer) throws IOException {
    return keep(texts(), writer);
  }

  private static KeptText keep(KeptTexts texts, KeptTexts.Writer writer) throws IOException {
    return texts.keep(
        "memory",
        CELL,
        Reason.REJECTED,
        Optional.of(BASE),
        Optional.empty(),
        "cat (1)",
        "It was.",
        writer);
  }

  private static KeptText kept(Reason reason, Optional<Version> expected) {
    return new KeptText(
        "id", Instant.EPOCH, "", CELL, reason, expected, Optional.empty(), "", "", Path.of("f"), 0);
  }

  private static KeptTexts.Writer writer(String text) {
    return out -> out.write(ByteBuffer.wrap(text.getBytes(UTF_8)));
  }

  private Path directory() {
    return temporary.resolve("kept");
  }

  private Path record(KeptText text) {
    return directory().resolve(text.id() + ".record");
  }

  private static Bytes allBytes() {
    byte[] all = new byte[256];
    for (int i = 0; i < all.length; i++) {
      all[i] = (byte) i;
    }
    return Bytes.wrap(all);
  }

  private static void assertMode(Path file, String mode) {
    try {
      assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
          .as(file.toString())
          .isEqualTo(mode);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }
}
