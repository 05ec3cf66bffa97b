package io.redisfuse.frontend.tree;

import static org.assertj.core.api.Assertions.assertThat;

import io.redisfuse.api.Bytes;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** That children are found by their segments, however they come and go. */
class BranchTest {

  private final TrieNode parent = new TrieNode(null, Bytes.EMPTY);
  private final Branch branch = new Branch();
  private final Map<Bytes, TrieNode> model = new HashMap<>();

  @ParameterizedTest
  @ValueSource(ints = {2, 10, 300, 2_000})
  void childrenComeAndGo(int names) {
    Random random = new Random(names);
    for (int phase = 0; phase < 6; phase++) {
      // It fills and empties in turn, so that it grows and shrinks.
      int ofTenArePut = phase % 2 == 0 ? 8 : 2;
      for (int i = 0; i < names * 4; i++) {
        Bytes segment = Bytes.utf8(Integer.toString(random.nextInt(names), 36));
        if (random.nextInt(10) < ofTenArePut) {
          put(segment);
        } else {
          branch.remove(segment.unsafeArray());
          model.remove(segment);
        }
        if (branch.find(segment.unsafeArray()) != model.get(segment)) {
          throw new AssertionError(segment + " is not what was put there");
        }
      }
      assertSame();
    }
  }

  @Test
  void nothingIsInAnEmptyOne() {
    assertThat(branch.isEmpty()).isTrue();
    assertThat(branch).isEmpty();
    assertThat(branch.find(new byte[0])).isNull();
    branch.remove(new byte[0]);
    assertThat(branch.isEmpty()).isTrue();
  }

  @Test
  void segmentsMayHoldAnyBytes() {
    for (int i = 0; i < 1 << 13; i++) {
      put(Bytes.copyOf(new byte[] {(byte) i, (byte) (i >> 5)}));
    }
    put(Bytes.EMPTY);
    assertSame();
  }

  private void put(Bytes segment) {
    if (!model.containsKey(segment)) {
      TrieNode child = new TrieNode(parent, segment);
      model.put(segment, child);
      branch.put(segment.unsafeArray(), child);
    }
  }

  private void assertSame() {
    List<TrieNode> children = new ArrayList<>();
    branch.forEach(children::add);
    assertThat(new HashSet<>(children))
        .hasSameSizeAs(children)
        .isEqualTo(new HashSet<>(model.values()));
    assertThat(branch.isEmpty()).isEqualTo(model.isEmpty());
    assertThat(model)
        .allSatisfy(
            (segment, child) -> assertThat(branch.find(segment.unsafeArray())).isSameAs(child));
  }
}
