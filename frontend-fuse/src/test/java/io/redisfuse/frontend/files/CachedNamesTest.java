package io.redisfuse.frontend.files;

import static org.assertj.core.api.Assertions.assertThat;

import io.redisfuse.api.Bytes;
import io.redisfuse.frontend.names.Keyspace;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class CachedNamesTest {

  @Test
  void ofTooManyNamesThatStandForNothingTheOldestGoes() {
    CachedNames names =
        new CachedNames(
            new Keyspace(Bytes.EMPTY, Bytes.utf8(":")),
            new CachedListings(Clock.systemUTC()),
            node -> true,
            /* most= */ 2);
    List<String> outdated = new ArrayList<>();
    List<CachedName> doubted = new ArrayList<>();
    names.tell(told(outdated), directory -> {}, doubted::add);
    DirectoryNode root =
        new DirectoryNode(
            1,
            1,
            new Identity.OfDirectory(Bytes.EMPTY),
            new Node.Ownership(0755, 0, 0),
            Workspace.START);

    for (String name : List.of("a", "b", "c")) {
      assertThat(names.isStillAbsent(names.note(root, Bytes.utf8(name)).orElseThrow())).isTrue();
    }

    assertThat(outdated).containsExactly("a");
    assertThat(names.size()).isEqualTo(2);
    names.changed(Bytes.utf8("b"));
    assertThat(outdated).as("before it is looked at").containsExactly("a");
    assertThat(doubted).hasSize(1);
    names.outdate(doubted.get(0));
    assertThat(outdated).containsExactly("a", "b");
    assertThat(names.size()).isEqualTo(1);
  }

  private static KernelCache told(List<String> outdated) {
    return new SilentKernel() {
      @Override
      public void invalidate(long node) {
        throw new AssertionError("no node is known");
      }

      @Override
      public void invalidate(long parent, Bytes name, long node) {
        outdated.add(name.toUtf8());
      }

      @Override
      public void invalidateAttributes(long node) {
        throw new AssertionError("no directory was listed");
      }
    };
  }
}
