package io.redisfuse.frontend.tree;

import static org.assertj.core.api.Assertions.assertThat;

import io.redisfuse.api.Bytes;
import io.redisfuse.api.Type;
import io.redisfuse.frontend.names.Keyspace;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** That the trie holds no more than what it must, and counts right. */
class TrieTest {

  private final Trie trie = new Trie(new Keyspace(Bytes.EMPTY, Bytes.utf8(":")));

  @Test
  void nothingIsLeftOfKeysThatAreGone() {
    for (int i = 0; i < 1_000; i++) {
      Bytes key = Bytes.utf8("a:" + i % 7 + ":" + i);
      trie.assertChanged(key, Finding.of(Type.STRING), trie.clock());
      trie.assertChanged(key, Finding.ABSENT, trie.clock());
      trie.assertChanged(Bytes.utf8("never:" + i), Finding.ABSENT, trie.clock());
    }
    assertThat(nodes()).isEmpty();
    assertThat(trie.size()).isZero();
  }

  @Test
  void nothingIsLeftOfKeysThatWentDuringAScan() {
    long scan = trie.beginScan();
    Bytes key = Bytes.utf8("a:b:c");
    for (int i = 0; i < 10; i++) {
      trie.assertChanged(key, Finding.of(Type.STRING), trie.clock());
      trie.assertChanged(key, Finding.ABSENT, trie.clock());
    }
    assertThat(trie.visit(scan, key, Type.STRING)).isTrue();
    assertThat(nodes()).as("kept for the scan").hasSize(3);
    assertThat(trie.completeScan(scan)).isTrue();
    assertThat(nodes()).isEmpty();
  }

  @Test
  void nothingIsLeftOfWhatAScanAfterAResetDidNotVisit() {
    trie.assertChanged(Bytes.utf8("a:b:c"), Finding.of(Type.STRING), trie.clock());
    trie.change(Bytes.utf8("a:d"));
    trie.reset();
    assertThat(trie.completeScan(trie.beginScan())).isTrue();
    assertThat(nodes()).isEmpty();
  }

  @Test
  void nothingIsLeftOfDirectoriesThatWereRetained() {
    trie.retain(Bytes.utf8("a:b:c:"));
    trie.forget(Bytes.utf8("a:b:c:"));
    assertThat(nodes()).isEmpty();
  }

  @Test
  void aKeyMayHaveAnyNumberOfSegments() {
    Bytes deep = Bytes.utf8(":".repeat(200_000));
    trie.change(deep);
    trie.reset();
    long scan = trie.beginScan();
    trie.visit(scan, Bytes.utf8("a"), Type.STRING);
    assertThat(nodes())
        .filteredOn(node -> !node.isResolved())
        .extracting(trie::key)
        .containsExactly(deep);
    assertThat(trie.completeScan(scan)).isTrue();
    assertThat(nodes()).hasSize(1);
  }

  @Test
  void anAnswerFromBeforeAResetSettlesNothing() {
    Bytes key = Bytes.utf8("a:b");
    trie.change(key);
    TrieNode node = nodes().get(1);
    long changed = node.changed;
    long epoch = trie.epoch();
    trie.reset();
    assertThat(trie.rumours()).isEqualTo(1);
    trie.resolve(node, changed, epoch, Finding.of(Type.STRING));
    assertThat(trie.rumours()).isEqualTo(1);
    requireRightCounters();
    assertThat(trie.completeScan(trie.beginScan())).isTrue();
    assertThat(nodes()).isEmpty();
  }

  @Test
  void theCountersAreWhatACountOfTheNodesSays() {
    Random random = new Random(1);
    long scan = 0;
    for (int step = 0; step < 6_000; step++) {
      Bytes key = randomKey(random);
      switch (random.nextInt(12)) {
        case 0, 1, 2 -> trie.assertChanged(key, randomFinding(random), randomStamp(random));
        case 3, 4 -> trie.change(key);
        case 5 -> trie.retain(stem(key));
        case 6 -> trie.forget(stem(key));
        case 7 -> trie.moveRetained(stem(key), stem(randomKey(random)));
        case 8, 9 -> trie.visit(scan, key, Type.HASH);
        case 10 -> {
          List<TrieNode> unresolved = nodes().stream().filter(n -> !n.isResolved()).toList();
          if (!unresolved.isEmpty()) {
            TrieNode node = unresolved.get(random.nextInt(unresolved.size()));
            trie.resolve(node, node.changed, trie.epoch(), randomFinding(random));
          }
        }
        default -> {
          switch (random.nextInt(20)) {
            case 0 -> trie.reset();
            case 1, 2, 3 -> trie.abandonScan();
            case 4, 5, 6 -> trie.completeScan(scan);
            default -> scan = trie.beginScan();
          }
        }
      }
      if (step % 20 == 0) {
        requireRightCounters();
      }
    }
  }

  private void requireRightCounters() {
    List<TrieNode> all = nodes();
    all.add(trie.root());
    for (TrieNode node : all) {
      int existing = 0;
      int unresolved = 0;
      int retained = node.isRetained() ? 1 : 0;
      for (TrieNode child : trie.children(node)) {
        existing += child.existingBelow() + (child.surelyExists() ? 1 : 0);
        unresolved += child.unresolvedBelow() + (child.isResolved() ? 0 : 1);
        retained += child.retainedHere();
      }
      assertThat(node.existingBelow()).isEqualTo(existing);
      assertThat(node.unresolvedBelow()).isEqualTo(unresolved);
      assertThat(node.retainedHere()).isEqualTo(retained);
    }
  }

  private List<TrieNode> nodes() {
    List<TrieNode> nodes = new ArrayList<>();
    trie.walk(trie.root(), node -> true, nodes::add);
    return nodes;
  }

  private long randomStamp(Random random) {
    return Math.max(0, trie.clock() - random.nextInt(3));
  }

  private static Finding randomFinding(Random random) {
    return switch (random.nextInt(4)) {
      case 0 -> Finding.of(Type.STRING);
      case 1 -> Finding.MARKER;
      default -> Finding.ABSENT;
    };
  }

  private static Bytes randomKey(Random random) {
    String key = "" + random.nextInt(3);
    for (int depth = random.nextInt(4); depth > 0; depth--) {
      key += ":" + (random.nextInt(4) == 0 ? "" : random.nextInt(3));
    }
    return Bytes.utf8(key);
  }

  private static Bytes stem(Bytes key) {
    return key.concat(Bytes.utf8(":"));
  }
}
