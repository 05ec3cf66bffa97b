package io.redisfuse.backend.memory;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

final class SortedTreeTest {

  private static List<String> entriesFrom(SortedTree<Integer, String> tree, int from) {
    List<String> entries = new ArrayList<>();
    tree.visitFrom(from, (key, value) -> entries.add(key + "=" + value));
    return entries;
  }

  private static List<String> entriesFrom(TreeMap<Integer, String> map, int from) {
    return map.tailMap(from).entrySet().stream().map(Object::toString).toList();
  }

  private static void assertSame(
      SortedTree<Integer, String> tree, TreeMap<Integer, String> map, int key) {
    assertThat(tree.size()).isEqualTo(map.size());
    assertThat(tree.isEmpty()).isEqualTo(map.isEmpty());
    assertThat(tree.get(key)).isEqualTo(Optional.ofNullable(map.get(key)));
    assertThat(tree.first().orElse(null)).isEqualTo(map.isEmpty() ? null : map.firstKey());
    assertThat(entriesFrom(tree, key)).isEqualTo(entriesFrom(map, key));
  }

  @Test
  void randomChangesGiveWhatATreeMapGives() {
    Random random = new Random(42);
    SortedTree<Integer, String> tree = SortedTree.empty();
    TreeMap<Integer, String> map = new TreeMap<>();
    for (int i = 0; i < 20_000; i++) {
      int key = random.nextInt(200);
      if (random.nextBoolean()) {
        tree = tree.with(key, "v" + i);
        map.put(key, "v" + i);
      } else {
        tree = tree.without(key);
        map.remove(key);
      }
      assertSame(tree, map, random.nextInt(220) - 10);
    }
  }

  @Test
  void aTreeDoesNotChangeWhenAnotherIsMadeOfIt() {
    SortedTree<Integer, String> before = SortedTree.empty();
    TreeMap<Integer, String> map = new TreeMap<>();
    for (int i = 0; i < 1_000; i++) {
      before = before.with(i * 7 % 1_000, "v" + i);
      map.put(i * 7 % 1_000, "v" + i);
    }
    SortedTree<Integer, String> after = before;
    for (int i = 0; i < 1_000; i++) {
      after = i % 3 == 0 ? after.without(i) : after.with(i, "new");
    }

    assertSame(before, map, 0);
    assertThat(after.size()).isEqualTo(666);
  }

  @Test
  void whatIsNotThereIsRemovedForNothing() {
    SortedTree<Integer, String> tree = SortedTree.<Integer, String>empty().with(1, "one");

    assertThat(tree.without(2)).isSameAs(tree);
  }

  @Test
  void aVisitStopsWhenItIsTold() {
    SortedTree<Integer, String> tree = SortedTree.empty();
    for (int i = 0; i < 100; i++) {
      tree = tree.with(i, "");
    }
    List<Integer> visited = new ArrayList<>();
    tree.visit((key, value) -> visited.add(key) && key < 10);

    assertThat(visited).containsExactly(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10);
  }

  /** A tree that is not kept flat would overflow the stack or take hours. */
  @Test
  void keysThatComeInOrderLeaveTheTreeFlat() {
    SortedTree<Integer, String> tree = SortedTree.empty();
    for (int i = 0; i < 200_000; i++) {
      tree = tree.with(i, "");
    }
    int[] visited = {0};
    tree.visit((key, value) -> key == visited[0]++);

    assertThat(visited[0]).isEqualTo(200_000);
  }
}
