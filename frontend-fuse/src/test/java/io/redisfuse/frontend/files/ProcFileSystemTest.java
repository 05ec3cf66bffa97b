package io.redisfuse.frontend.files;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@EnabledOnOs(OS.LINUX)
class ProcFileSystemTest {

  private static final int ME = (int) ProcessHandle.current().pid();

  @TempDir Path fake;
  private final AtomicLong nanos = new AtomicLong();
  private final ProcFileSystem processes = new ProcFileSystem();

  private ProcessId idOf(int number) {
    return processes.of(number).orElseThrow();
  }

  // ---- the real one

  @Test
  void thisProcessIsAlive() {
    ProcessId me = idOf(ME);
    assertThat(me.number()).isEqualTo(ME);
    assertThat(me.started()).isPositive();
    assertThat(processes.isAlive(me)).isTrue();
    assertThat(processes.programOf(me)).isNotBlank();
    assertThat(processes.areKin(me, me)).isTrue();
    assertThat(processes.descends(me, me)).isFalse();
  }

  @Test
  void everyThreadBelongsToItsProcess() throws IOException {
    try (Stream<Path> threads = Files.list(Path.of("/proc/self/task"))) {
      assertThat(threads.map(Path::getFileName).map(Path::toString).map(Integer::valueOf))
          .hasSizeGreaterThan(1)
          .allSatisfy(thread -> assertThat(processes.of(thread)).contains(idOf(ME)));
    }
  }

  @Test
  void whatThisProcessHasOpenForWritingIsKnownByItsName() throws IOException {
    Path file = Files.createFile(fake.resolve("note~"));
    ProcessId me = idOf(ME);
    assertThat(processes.isWriting(me, "note~"::equals)).isFalse();
    try (var reading = Files.newInputStream(file)) {
      assertThat(reading.available()).isZero();
      assertThat(processes.isWriting(me, "note~"::equals)).isFalse();
    }
    try (var writing = Files.newOutputStream(file)) {
      writing.write(1);
      assertThat(processes.isWriting(me, "note~"::equals)).isTrue();
      assertThat(processes.isWriting(me, "note"::equals)).isFalse();
    }
    assertThat(processes.isWriting(me, "note~"::equals)).isFalse();
    assertThat(processes.isWriting(new ProcessId(0, 0), name -> true)).isFalse();
  }

  @Test
  void aChildDescendsFromThisProcessUntilItEnds() throws Exception {
    Process child = new ProcessBuilder("sleep", "60").start();
    try {
      ProcessId id = idOf((int) child.pid());
      assertThat(processes.parentOf(id)).contains(idOf(ME));
      assertThat(processes.descends(id, idOf(ME))).isTrue();
      assertThat(processes.descends(idOf(ME), id)).isFalse();
      assertThat(processes.areKin(idOf(ME), id)).isTrue();
      assertThat(processes.isAlive(id)).isTrue();
      await().atMost(Duration.ofSeconds(10)).until(() -> processes.programOf(id).equals("sleep"));
      child.destroyForcibly();
      assertThat(child.waitFor(10, TimeUnit.SECONDS)).isTrue();
      await().atMost(Duration.ofSeconds(10)).until(() -> !processes.isAlive(id));
      assertThat(processes.parentOf(id)).isEmpty();
      assertThat(processes.programOf(id)).isEmpty();
      assertThat(processes.descends(id, idOf(ME))).isFalse();
      assertThat(new ProcFileSystem().of(id.number())).isEmpty();
    } finally {
      child.destroyForcibly();
    }
  }

  @Test
  void aGrandchildDescendsFromThisProcess() throws Exception {
    Process shell = new ProcessBuilder("sh", "-c", "sleep 60 & echo $!; wait").start();
    try {
      int number = Integer.parseInt(shell.inputReader().readLine());
      ProcessId grandchild = idOf(number);
      ProcessId child = idOf((int) shell.pid());
      assertThat(processes.parentOf(grandchild)).contains(child);
      assertThat(processes.descends(grandchild, idOf(ME))).isTrue();
      assertThat(processes.areKin(child, grandchild)).isTrue();
    } finally {
      shell.descendants().forEach(ProcessHandle::destroyForcibly);
      shell.destroyForcibly();
    }
  }

  @Test
  void aProcessThatEndedButWasNotWaitedForIsNotAlive() throws Exception {
    // The shell becomes a sleep that does not know of the child that it has then.
    Process parent = new ProcessBuilder("sh", "-c", "true & echo $!; exec sleep 60").start();
    try {
      int number = Integer.parseInt(parent.inputReader().readLine());
      Path stat = Path.of("/proc/" + number + "/stat");
      await()
          .atMost(Duration.ofSeconds(10))
          .until(() -> !Files.exists(stat) || Files.readString(stat, ISO_8859_1).contains(") Z "));
      if (Files.exists(stat)) {
        assertThat(processes.of(number)).hasValueSatisfying(z -> requireDead(z));
      }
    } finally {
      parent.destroyForcibly();
    }
  }

  private void requireDead(ProcessId process) {
    assertThat(processes.isAlive(process)).isFalse();
  }

  @Test
  void anOpenFileIsFoundByItsInode() throws IOException {
    Path file = Files.createFile(fake.resolve("file"));
    long inode = (Long) Files.getAttribute(file, "unix:ino");
    assertThat(processes.hasOpen(idOf(ME), inode)).isFalse();
    try (var open = Files.newOutputStream(file)) {
      open.write(1);
      assertThat(processes.hasOpen(idOf(ME), inode)).isTrue();
    }
    assertThat(processes.hasOpen(idOf(ME), inode)).isFalse();
  }

  @Test
  void nobodyIsNoProcess() {
    assertThat(processes.of(0)).isEmpty();
    assertThat(processes.of(-1)).isEmpty();
    assertThat(processes.of(Integer.MAX_VALUE)).isEmpty();
    assertThat(processes.isAlive(new ProcessId(Integer.MAX_VALUE, 1))).isFalse();
    assertThat(processes.hasOpen(new ProcessId(Integer.MAX_VALUE, 1), 1)).isFalse();
  }

  @Test
  void aProcessOfAnotherStartIsAnotherProcess() {
    ProcessId before = new ProcessId(ME, idOf(ME).started() - 1);
    assertThat(processes.isAlive(before)).isFalse();
    assertThat(processes.parentOf(before)).isEmpty();
    assertThat(processes.areKin(before, idOf(ME))).isFalse();
  }

  // ---- one that says what a test wants

  private ProcFileSystem faked() {
    return new ProcFileSystem(fake, nanos::get);
  }

  private void process(int number, int group, String name, char state, int parent, long started)
      throws IOException {
    Path directory = Files.createDirectories(fake.resolve(Integer.toString(number)));
    Files.writeString(
        directory.resolve("status"),
        "Name:\t%s\nUmask:\t0022\nState:\t%c\nTgid:\t%d\nNgid:\t0\nPid:\t%d\n"
            .formatted(name, state, group, number),
        ISO_8859_1);
    Files.writeString(directory.resolve("comm"), name + "\n", ISO_8859_1);
    Files.writeString(
        directory.resolve("stat"),
        "%d (%s) %c %d 1 1 34816 1 4194304 1 0 0 0 2 3 0 0 20 0 1 0 %d 1000 20 18446744073709551615 1\n"
            .formatted(number, name, state, parent, started),
        ISO_8859_1);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"plain", "a) b (c", ") Z 1 1", "(((", ")))", "two words", "é\u0080\u00ff"})
  void theNameOfAProgramMayHoldAnything(String name) throws IOException {
    process(10, 10, "init", 'S', 1, 5);
    process(20, 20, name, 'S', 10, 77);
    ProcessId id = faked().of(20).orElseThrow();
    assertThat(id).isEqualTo(new ProcessId(20, 77));
    assertThat(faked().isAlive(id)).isTrue();
    assertThat(faked().parentOf(id)).contains(new ProcessId(10, 5));
    assertThat(faked().programOf(id)).isEqualTo(name.strip());
  }

  @Test
  void aThreadIsKnownByItsGroup() throws IOException {
    process(20, 20, "program", 'S', 1, 77);
    process(21, 20, "worker", 'S', 1, 99);
    assertThat(faked().of(21)).contains(new ProcessId(20, 77));
  }

  @ParameterizedTest
  @ValueSource(chars = {'Z', 'X'})
  void whatIsDeadIsNotAlive(char state) throws IOException {
    process(20, 20, "dead", state, 1, 77);
    assertThat(faked().isAlive(new ProcessId(20, 77))).isFalse();
  }

  @ParameterizedTest
  @ValueSource(chars = {'R', 'S', 'D', 'T', 't', 'I'})
  void whatSleepsOrIsStoppedIsAlive(char state) throws IOException {
    process(20, 20, "program", state, 1, 77);
    assertThat(faked().isAlive(new ProcessId(20, 77))).isTrue();
  }

  @Test
  void theFirstProcessHasNoParent() throws IOException {
    process(1, 1, "init", 'S', 0, 1);
    assertThat(faked().parentOf(new ProcessId(1, 1))).isEmpty();
  }

  @Test
  void parentsThatGoInACircleAreNoAncestors() throws IOException {
    process(20, 20, "a", 'S', 21, 1);
    process(21, 21, "b", 'S', 20, 2);
    assertThat(faked().descends(new ProcessId(20, 1), new ProcessId(30, 3))).isFalse();
  }

  @Test
  void whoseAThreadIsIsRememberedForAMomentOnly() throws IOException {
    process(20, 20, "before", 'S', 1, 1);
    ProcFileSystem remembering = faked();
    assertThat(remembering.of(20)).contains(new ProcessId(20, 1));
    process(20, 20, "after", 'S', 1, 2);
    assertThat(remembering.of(20)).contains(new ProcessId(20, 1));
    nanos.addAndGet(Duration.ofMillis(51).toNanos());
    assertThat(remembering.of(20)).contains(new ProcessId(20, 2));
  }

  @Test
  void whatIsNotThereIsAskedForAgain() throws IOException {
    ProcFileSystem remembering = faked();
    assertThat(remembering.of(20)).isEmpty();
    process(20, 20, "program", 'S', 1, 1);
    assertThat(remembering.of(20)).contains(new ProcessId(20, 1));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "20", "20 (cut", "20 (cut) S 1", "20 (x) S 1 a b c", ")"})
  void aDamagedDescriptionIsNone(String stat) throws IOException {
    process(20, 20, "program", 'S', 1, 77);
    Files.writeString(fake.resolve("20/stat"), stat);
    assertThat(faked().of(20)).isEqualTo(Optional.empty());
    assertThat(faked().isAlive(new ProcessId(20, 77))).isFalse();
    assertThat(faked().parentOf(new ProcessId(20, 77))).isEmpty();
  }

  @Test
  void descriptorsAreComparedByTheirInodes() throws IOException {
    Path descriptors = Files.createDirectories(fake.resolve("20/fdinfo"));
    Files.writeString(descriptors.resolve("0"), "pos:\t0\nflags:\t02\nmnt_id:\t25\nino:\t41\n");
    Files.writeString(descriptors.resolve("1"), "pos:\t0\nflags:\t02\nmnt_id:\t25\n");
    Files.writeString(
        descriptors.resolve("2"), "pos:\t0\nino:\t18446744073709551615\nflags:\t02\n");
    ProcessId process = new ProcessId(20, 77);
    assertThat(faked().hasOpen(process, 41)).isTrue();
    assertThat(faked().hasOpen(process, 4)).isFalse();
    assertThat(faked().hasOpen(process, 412)).isFalse();
    assertThat(faked().hasOpen(process, -1)).isTrue();
  }

  @Test
  void whatIsClosedMeanwhileHidesNothingThatIsWritten() throws IOException {
    Path open = Files.createDirectories(fake.resolve("20/fd"));
    Path info = Files.createDirectories(fake.resolve("20/fdinfo"));
    for (int closed = 3; closed < 20; closed++) {
      // What can be listed and then no more be read as a link.
      Files.createFile(open.resolve(Integer.toString(closed)));
    }
    Files.createSymbolicLink(open.resolve("20"), Path.of("/home/me/note~"));
    Files.writeString(info.resolve("20"), "pos:\t0\nflags:\t0100001\n");
    assertThat(faked().isWriting(new ProcessId(20, 77), "note~"::equals)).isTrue();
    assertThat(faked().isWriting(new ProcessId(20, 77), "other~"::equals)).isFalse();
  }
}
