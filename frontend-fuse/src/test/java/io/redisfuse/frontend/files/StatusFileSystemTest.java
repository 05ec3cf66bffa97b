package io.redisfuse.frontend.files;

import static io.redisfuse.frontend.files.OpenMode.Flag.READ;
import static io.redisfuse.frontend.files.OpenMode.Flag.TRUNCATE;
import static io.redisfuse.frontend.files.OpenMode.Flag.WRITE;
import static io.redisfuse.frontend.files.Workspace.ME;
import static io.redisfuse.frontend.files.Workspace.errorOf;
import static org.assertj.core.api.Assertions.assertThat;

import io.redisfuse.api.Bytes;
import io.redisfuse.api.Cell;
import io.redisfuse.api.Change;
import io.redisfuse.api.Transaction;
import io.redisfuse.backend.memory.MemoryBackend;
import io.redisfuse.frontend.files.FileSystem.ListedFrom;
import io.redisfuse.frontend.files.FileSystemOptions.Access;
import io.redisfuse.frontend.files.FileSystemOptions.DirectoryMarkers;
import io.redisfuse.frontend.names.NewFiles;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StatusFileSystemTest {

  private static final long ROOT = FileSystem.ROOT;
  private static final Bytes DIRECTORY = Bytes.utf8(".redisfuse");
  private static final Bytes STATUS = Bytes.utf8("status");
  private static final Bytes NEW = Bytes.utf8("new");
  private static final OpenMode READING = OpenMode.of(READ);

  @TempDir Path kept;
  private final AtomicInteger made = new AtomicInteger();
  private Workspace keys;
  private FileSystem files;
  private Program program;

  @BeforeEach
  void start() {
    use(new Workspace(new MemoryBackend(), kept));
  }

  private void use(Workspace workspace) {
    if (keys != null) {
      keys.close();
    }
    keys = workspace;
    files =
        new StatusFileSystem(
            workspace.files, () -> text(made.incrementAndGet()), 7, 8, workspace.now::get);
    program = new Program(files, 1);
  }

  @AfterEach
  void stop() {
    keys.close();
  }

  /** Each is longer than the one before. */
  private static Bytes text(int number) {
    return Bytes.utf8("number: " + "1".repeat(number) + "\n");
  }

  private long directory() {
    return files.lookup(ROOT, DIRECTORY).node();
  }

  private long status() {
    return files.lookup(directory(), STATUS).node();
  }

  private List<String> list(long node) {
    long handle = files.openDirectory(node, ME);
    List<String> names =
        files.entries(handle, ListedFrom.START).entries().stream()
            .map(entry -> entry.name().toUtf8())
            .sorted()
            .toList();
    files.releaseDirectory(handle);
    return names;
  }

  @Test
  void isFoundAndReadButNotListed() {
    keys.set("a", "text");

    assertThat(program.cat(".redisfuse/status"))
        .isEqualTo("number: " + "1".repeat(made.get()) + "\n");
    assertThat(list(ROOT)).containsExactly("a");
    assertThat(list(directory())).containsExactly("status");
    assertThat(files.look(ROOT, DIRECTORY).attributes().orElseThrow().kind())
        .isEqualTo(FileKind.DIRECTORY);
    assertThat(files.look(directory(), NEW).attributes()).isEmpty();
    assertThat(errorOf(() -> files.lookup(directory(), NEW))).isEqualTo(FsError.NO_ENTRY);
  }

  @Test
  void whoReadsSeesOneTextAndItsSize() {
    long first = files.open(status(), READING, ME);
    String text = program.read(first);
    assertThat(files.bypassesCache(first)).isTrue();
    assertThat(files.keepsCache(first)).isFalse();
    assertThat(files.outdatesAttributes(first)).isFalse();
    assertThat(files.attributes(status(), ME).size()).isEqualTo(text.length());

    long second = files.open(status(), READING, ME);
    assertThat(program.read(second)).isNotEqualTo(text);
    assertThat(files.attributes(status(), ME).size()).isEqualTo(program.read(second).length());
    assertThat(program.read(first)).isEqualTo(text);
    assertThat(files.attributesOfHandle(first).size()).isEqualTo(text.length());
    assertThat(program.read(first, 3, 4)).isEqualTo(text.substring(3, 7));
    assertThat(program.read(first, text.length(), 4)).isEmpty();
    assertThat(program.read(first, Long.MAX_VALUE, 4)).isEmpty();
    files.fsync(first, ME);
    program.close(first);
    program.close(second);

    Attributes now = files.attributes(status(), ME);
    assertThat(now.size()).isEqualTo(text(made.get()).length());
    assertThat(now.validNanos()).isZero();
    assertThat(now.permissions()).isEqualTo(0444);
    assertThat(now.owner()).isEqualTo(7);
    assertThat(now.group()).isEqualTo(8);
  }

  @Test
  void nobodyChangesIt() {
    long in = directory();
    AttributeChange cut = AttributeChange.size(0);
    keys.set("a", "text");

    assertThat(errorOf(() -> files.open(status(), OpenMode.of(WRITE), ME)))
        .isEqualTo(FsError.ACCESS);
    assertThat(errorOf(() -> files.open(status(), OpenMode.of(READ, TRUNCATE), ME)))
        .isEqualTo(FsError.ACCESS);
    assertThat(errorOf(() -> files.setAttributes(status(), OptionalLong.empty(), cut, ME)))
        .isEqualTo(FsError.ACCESS);
    assertThat(errorOf(() -> files.create(in, NEW, 0644, OpenMode.of(WRITE), ME)))
        .isEqualTo(FsError.ACCESS);
    assertThat(errorOf(() -> files.makeFile(in, NEW, 0644, ME))).isEqualTo(FsError.ACCESS);
    assertThat(errorOf(() -> files.makeSymlink(NEW, in, NEW, ME))).isEqualTo(FsError.ACCESS);
    assertThat(errorOf(() -> files.makeDirectory(in, NEW, 0755, ME))).isEqualTo(FsError.ACCESS);
    assertThat(errorOf(() -> files.unlink(in, STATUS, ME))).isEqualTo(FsError.ACCESS);
    assertThat(errorOf(() -> files.removeDirectory(ROOT, DIRECTORY, ME))).isEqualTo(FsError.ACCESS);
    assertThat(errorOf(() -> files.makeDirectory(ROOT, DIRECTORY, 0755, ME)))
        .isEqualTo(FsError.ACCESS);
    assertThat(errorOf(() -> program.mv(".redisfuse/status", "b"))).isEqualTo(FsError.ACCESS);
    assertThat(errorOf(() -> program.mv("a", ".redisfuse/status"))).isEqualTo(FsError.ACCESS);
    assertThat(errorOf(() -> program.mv("a", ".redisfuse"))).isEqualTo(FsError.ACCESS);
    assertThat(errorOf(() -> files.renameToFree(ROOT, Bytes.utf8("a"), in, NEW, ME)))
        .isEqualTo(FsError.ACCESS);
    assertThat(errorOf(() -> files.exchange(ROOT, Bytes.utf8("a"), in, STATUS, ME)))
        .isEqualTo(FsError.ACCESS);
    long handle = files.open(status(), READING, ME);
    assertThat(errorOf(() -> files.write(handle, 0, ByteBuffer.allocate(1))))
        .isEqualTo(FsError.BAD_HANDLE);
    files.release(handle);
    assertThat(errorOf(() -> files.openDirectory(status(), ME))).isEqualTo(FsError.NOT_DIRECTORY);
    assertThat(errorOf(() -> files.open(in, READING, ME))).isEqualTo(FsError.IS_DIRECTORY);

    assertThat(keys.keys()).containsExactly("a");
  }

  @Test
  void reservedKeysStayOutOfSight() {
    keys.backend.commit(
        Transaction.of(new Change.Put(Cell.string(Bytes.utf8(".redisfuse:status")), NEW)));

    assertThat(list(ROOT)).isEmpty();
    assertThat(program.cat(".redisfuse/status")).startsWith("number: ");
    assertThat(errorOf(() -> program.save("%2Eredisfuse/new", "text"))).isEqualTo(FsError.NO_ENTRY);
  }

  @Test
  void aKeyOfThatNameHasAnotherOne() {
    keys.set(".redisfuse", "mine");
    keys.set("a", "text");

    assertThat(list(ROOT)).containsExactly("%2Eredisfuse", "a");
    assertThat(program.cat("%2Eredisfuse")).isEqualTo("mine");
    program.save("%2Eredisfuse", "changed");
    assertThat(keys.get(".redisfuse")).contains("changed");
    program.rm("%2Eredisfuse");
    assertThat(keys.get(".redisfuse")).isEmpty();
    assertThat(list(directory())).containsExactly("status");
  }

  @Test
  void belowAPrefixADirectoryOfThatNameHasAnotherOne() {
    use(
        new Workspace(
            new MemoryBackend(),
            kept,
            "app:",
            ":",
            NewFiles.RULES,
            Access.READ_WRITE,
            DirectoryMarkers.KEYS));
    keys.set("app:.redisfuse:status", "mine");

    assertThat(list(ROOT)).containsExactly("%2Eredisfuse");
    assertThat(program.cat("%2Eredisfuse/status")).isEqualTo("mine");
    assertThat(program.cat(".redisfuse/status")).startsWith("number: ");
  }

  @Test
  void allElseIsAsItWas() {
    program.save("a", "text");
    program.mkdir("d");
    program.mv("a", "d/b");

    assertThat(program.cat("d/b")).isEqualTo("text");
    assertThat(list(ROOT)).containsExactly("d");
    assertThat(files.attributes(ROOT, ME).kind()).isEqualTo(FileKind.DIRECTORY);
    assertThat(errorOf(() -> files.lookup(files.lookup(ROOT, Bytes.utf8("d")).node(), DIRECTORY)))
        .isEqualTo(FsError.NO_ENTRY);
  }
}
