package io.redisfuse.frontend.fuse.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import io.redisfuse.api.Bytes;
import io.redisfuse.frontend.files.DirectoryEntry;
import io.redisfuse.frontend.files.EntryList;
import io.redisfuse.frontend.files.FileKind;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class DirentsTest {

  private static final EntryList ENTRIES =
      new EntryList(
          List.of(
              new DirectoryEntry(Bytes.utf8("directory"), FileKind.DIRECTORY, 11),
              new DirectoryEntry(Bytes.utf8("exactly8"), FileKind.FILE, 12),
              new DirectoryEntry(Bytes.utf8("x".repeat(255)), FileKind.FILE, 1L << 50)),
          0);

  private record Dirent(long inode, long next, int type, String name) {}

  @Test
  void aListingBeginsWithTheDirectoryAndItsParent() {
    ByteBuffer buffer = buffer(4096);

    assertThat(Dirents.fill(buffer, 0, 99, ENTRIES)).isTrue();

    assertThat(parse(buffer))
        .containsExactly(
            new Dirent(99, 1, 4, "."),
            new Dirent(0xffffffffL, 2, 4, ".."),
            new Dirent(11, 3, 4, "directory"),
            new Dirent(12, 4, 8, "exactly8"),
            new Dirent(1L << 50, 5, 8, "x".repeat(255)));
  }

  @Test
  void aListingInSmallPartsIsTheWholeListing() {
    List<Dirent> all = new ArrayList<>();
    long offset = 0;
    List<Dirent> part;
    do {
      ByteBuffer buffer = buffer(288);
      assertThat(Dirents.fill(buffer, offset, 99, ENTRIES)).isTrue();
      part = parse(buffer);
      all.addAll(part);
      offset = all.get(all.size() - 1).next();
    } while (!part.isEmpty());

    assertThat(all).extracting(Dirent::next).containsExactly(1L, 2L, 3L, 4L, 5L);
  }

  @Test
  void anotherEditionHasOtherOffsets() {
    EntryList next = new EntryList(ENTRIES.entries(), (1 << 14) + 5);
    ByteBuffer buffer = buffer(4096);
    assertThat(Dirents.fill(buffer, 0, 99, next)).isTrue();
    List<Dirent> all = parse(buffer);

    assertThat(all)
        .extracting(Dirent::next)
        .doesNotContain(1L, 2L, 3L, 4L, 5L)
        .allMatch(offset -> offset > 0 && offset <= Integer.MAX_VALUE);
    ByteBuffer rest = buffer(4096);
    assertThat(Dirents.fill(rest, all.get(2).next(), 99, next)).isTrue();
    assertThat(parse(rest)).isEqualTo(all.subList(3, 5));
  }

  @Test
  void aBufferThatHoldsNotOneEntryIsNotTheEndOfTheListing() {
    assertThat(Dirents.fill(buffer(100), 4, 99, ENTRIES)).isFalse();
  }

  @Test
  void beyondTheEndThereIsNothing() {
    ByteBuffer buffer = buffer(4096);

    assertThat(Dirents.fill(buffer, 5, 99, ENTRIES)).isTrue();
    assertThat(Dirents.fill(buffer, Long.MAX_VALUE, 99, ENTRIES)).isTrue();
    assertThat(buffer.position()).isZero();
  }

  private static ByteBuffer buffer(int size) {
    return ByteBuffer.allocate(size).order(ByteOrder.nativeOrder());
  }

  private static List<Dirent> parse(ByteBuffer buffer) {
    List<Dirent> entries = new ArrayList<>();
    buffer.flip();
    while (buffer.hasRemaining()) {
      long inode = buffer.getLong();
      long next = buffer.getLong();
      byte[] name = new byte[buffer.getInt()];
      int type = buffer.getInt();
      buffer.get(name);
      buffer.position((buffer.position() + 7) & ~7);
      entries.add(new Dirent(inode, next, type, Bytes.wrap(name).toUtf8()));
    }
    return entries;
  }
}
