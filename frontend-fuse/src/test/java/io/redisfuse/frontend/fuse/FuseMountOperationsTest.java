package io.redisfuse.frontend.fuse;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.redisfuse.api.Bytes;
import io.redisfuse.frontend.files.FileSystem;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** What java.nio.file does on a mount. */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
@ParameterizedClass
@EnumSource(MountOptions.Binding.class)
class FuseMountOperationsTest {

  @Parameter MountOptions.Binding binding;

  private Mounted mounted;

  @BeforeEach
  void mount() throws IOException {
    mounted = new Mounted(binding);
  }

  @AfterEach
  void unmount() throws IOException {
    mounted.close();
  }

  private Path path(String name) {
    return mounted.path(name);
  }

  @Test
  void whatIsWrittenIsRead() throws IOException {
    Files.writeString(path("greeting"), "hello\n");

    assertThat(path("greeting")).hasContent("hello\n");
    assertThat(Files.size(path("greeting"))).isEqualTo(6);
  }

  @Test
  void aFileIsOverwrittenInTheMiddleAndBeyondItsEnd() throws IOException {
    Files.writeString(path("file"), "0123456789");

    try (FileChannel file = FileChannel.open(path("file"), StandardOpenOption.WRITE)) {
      file.write(ByteBuffer.wrap("ab".getBytes(UTF_8)), 4);
      file.write(ByteBuffer.wrap("z".getBytes(UTF_8)), 12);
    }

    assertThat(Files.readString(path("file"))).isEqualTo("0123ab6789\0\0z");
  }

  @Test
  void anAppendedLineGoesToTheEnd() throws IOException {
    Files.writeString(path("log"), "one\n");
    Files.writeString(path("log"), "two\n", StandardOpenOption.APPEND);

    assertThat(path("log")).hasContent("one\ntwo\n");
  }

  @Test
  void anOpenThatTruncatesDropsTheContent() throws IOException {
    Files.writeString(path("file"), "a long text");
    Files.writeString(path("file"), "short");

    assertThat(path("file")).hasContent("short");
  }

  @Test
  void anExclusiveCreationOfATakenNameFails() throws IOException {
    Files.createFile(path("taken"));

    assertThatThrownBy(() -> Files.createFile(path("taken")))
        .isInstanceOf(FileAlreadyExistsException.class);
  }

  @Test
  void aDirectoryIsMadeListedAndRemoved() throws IOException {
    Files.createDirectories(path("a/b"));
    Files.createFile(path("a/file"));

    assertThat(names(path("a"))).containsExactlyInAnyOrder("b", "file");
    assertThatThrownBy(() -> Files.delete(path("a")))
        .isInstanceOf(DirectoryNotEmptyException.class);

    Files.delete(path("a/b"));
    Files.delete(path("a/file"));
    Files.delete(path("a"));
    assertThat(path("a")).doesNotExist();
  }

  @Test
  void aFileIsRenamedOverAnother() throws IOException {
    Files.createDirectory(path("there"));
    Files.writeString(path("new"), "new");
    Files.writeString(path("there/old"), "old");

    Files.move(path("new"), path("there/old"), StandardCopyOption.ATOMIC_MOVE);

    assertThat(path("new")).doesNotExist();
    assertThat(path("there/old")).hasContent("new");
  }

  @Test
  void aFileThatIsMovedWhileItIsOpenStaysTheSameFile() throws IOException {
    Files.createDirectory(path("there"));
    try (FileChannel file =
        FileChannel.open(
            path("here"),
            StandardOpenOption.CREATE,
            StandardOpenOption.READ,
            StandardOpenOption.WRITE)) {
      file.write(ByteBuffer.wrap("before".getBytes(UTF_8)));
      Files.move(path("here"), path("there/moved"));
      file.write(ByteBuffer.wrap(" after".getBytes(UTF_8)));
      assertThat(file.size()).isEqualTo(12);
    }

    assertThat(path("there/moved")).hasContent("before after");
  }

  @Test
  void aFileThatIsRemovedWhileItIsOpenIsReadWrittenAndMeasuredOn() throws IOException {
    try (FileChannel file =
        FileChannel.open(
            path("gone"),
            StandardOpenOption.CREATE,
            StandardOpenOption.READ,
            StandardOpenOption.WRITE)) {
      file.write(ByteBuffer.wrap("first".getBytes(UTF_8)));
      Files.delete(path("gone"));
      file.write(ByteBuffer.wrap(" second".getBytes(UTF_8)));

      assertThat(file.size()).isEqualTo(12);
      file.truncate(8);
      ByteBuffer read = ByteBuffer.allocate(20);
      file.read(read, 0);
      assertThat(new String(read.array(), 0, read.position(), UTF_8)).isEqualTo("first se");
      assertThat(names(mounted.directory)).isEmpty();
    }
  }

  @Test
  void attributesAreSetAndSeen() throws IOException {
    Path file = Files.createFile(path("file"));
    Instant time = Instant.parse("2001-02-03T04:05:06.789012345Z");

    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r-x--x"));
    Files.setAttribute(file, "unix:uid", 12);
    Files.setAttribute(file, "unix:gid", 34);
    Files.setLastModifiedTime(file, FileTime.from(time));

    assertThat(Files.getPosixFilePermissions(file))
        .isEqualTo(PosixFilePermissions.fromString("rw-r-x--x"));
    assertThat(Files.getAttribute(file, "unix:uid")).isEqualTo(12);
    assertThat(Files.getAttribute(file, "unix:gid")).isEqualTo(34);
    assertThat(mounted.tree.lookup(FileSystem.ROOT, Bytes.utf8("file")).modified()).isEqualTo(time);
    assertThat(Files.getAttribute(file, "unix:ino")).isInstanceOf(Long.class);
    assertThat((long) Files.getAttribute(file, "unix:ino")).isGreaterThan(1L << 40);
  }

  @Test
  void aFileGrowsAndShrinksToTheSizeItIsGiven() throws IOException {
    Files.writeString(path("file"), "0123456789");
    try (FileChannel file = FileChannel.open(path("file"), StandardOpenOption.WRITE)) {
      file.truncate(3);
    }

    assertThat(path("file")).hasContent("012");
  }

  /** The kernel asks each time for what must not be in its cache. */
  @Test
  void whatBypassesTheCacheIsReadEachTime() throws IOException {
    Path file = Files.writeString(path("file"), "text");
    assertThat(readsOfTwo(file)).isLessThan(2);

    mounted.tree.bypassCache();

    assertThat(readsOfTwo(file)).isGreaterThanOrEqualTo(2);
  }

  /** How often it was asked when a program read the same twice. */
  private int readsOfTwo(Path file) throws IOException {
    int before = mounted.tree.calls("read");
    try (FileChannel channel = FileChannel.open(file)) {
      for (int i = 0; i < 2; i++) {
        assertThat(channel.read(ByteBuffer.allocate(4), 0)).isEqualTo(4);
      }
    }
    return mounted.tree.calls("read") - before;
  }

  @Test
  void hardLinksCannotBeMade() throws IOException {
    Files.createFile(path("file"));

    assertThatThrownBy(() -> Files.createLink(path("hard"), path("file")))
        .isInstanceOf(FileSystemException.class)
        .hasMessageContaining("Operation not permitted");
  }

  @Test
  void whatIsNotThereIsNotFound() {
    assertThatThrownBy(() -> Files.size(path("nothing"))).isInstanceOf(NoSuchFileException.class);
    assertThatThrownBy(() -> Files.delete(path("nothing"))).isInstanceOf(NoSuchFileException.class);
  }

  @Test
  void theFileStoreHasTheCapacityOfTheFileSystem() throws IOException {
    var store = Files.getFileStore(mounted.directory);

    assertThat(store.name()).isEqualTo("tree");
    assertThat(store.type()).isEqualTo("fuse.redisfuse");
    assertThat(store.getTotalSpace()).isEqualTo(4096L << 20);
    assertThat(store.getUsableSpace()).isEqualTo(4096L << 19);
  }

  @Test
  void whatWasOpenedIsReleasedAndWhatWasRemovedIsForgotten() throws IOException {
    for (int i = 0; i < 50; i++) {
      Files.writeString(path("file" + i), "text");
      Files.readString(path("file" + i));
      names(mounted.directory);
      Files.delete(path("file" + i));
    }

    // The kernel releases and forgets a moment after the call that leads to it.
    await()
        .untilAsserted(
            () -> {
              assertThat(mounted.tree.openHandles()).isZero();
              assertThat(mounted.tree.knownNodes()).isEqualTo(1);
            });
  }

  private static List<String> names(Path directory) throws IOException {
    try (Stream<Path> entries = Files.list(directory)) {
      return entries.map(entry -> entry.getFileName().toString()).toList();
    }
  }
}
