package io.redisfuse.frontend.files;

import static org.assertj.core.api.Assertions.assertThat;

import io.redisfuse.api.Cell;
import org.junit.jupiter.api.Test;

class RecentContentsTest {

  private static final long KIB = 1L << 10;
  private static final long MIB = 1L << 20;

  private final RecentContents contents = new RecentContents(10 * KIB, 10 * MIB);

  /** A file that is only named here. */
  private static FileNode file(long number) {
    return new FileNode(
        number,
        number,
        new Identity.OfCell(Cell.string(Workspace.name("file" + number))),
        new Node.Ownership(0644, 0, 0),
        Workspace.START,
        /* store= */ null);
  }

  @Test
  void whatIsTooMuchForTheHeapGoesThoseFirstThatWereClosedFirst() {
    FileNode first = file(1);
    FileNode second = file(2);
    contents.closed(first, 4 * KIB);
    contents.closed(second, 4 * KIB);
    contents.closed(first, 4 * KIB);
    contents.closed(file(3), 4 * KIB);

    contents.trim();

    assertThat(contents.size()).isEqualTo(2);
    contents.forget(second);
    assertThat(contents.size()).as("the second had gone").isEqualTo(2);
    contents.forget(first);
    assertThat(contents.size()).isEqualTo(1);
  }

  @Test
  void largeContentsAreCountedByThemselves() {
    contents.closed(file(1), 8 * KIB);
    contents.closed(file(2), 8 * MIB);
    contents.trim();
    assertThat(contents.size()).isEqualTo(2);

    contents.closed(file(3), 8 * MIB);
    contents.trim();

    assertThat(contents.size()).isEqualTo(2);
    contents.forget(file(1));
    assertThat(contents.size()).isEqualTo(2);
  }
}
