package io.redisfuse.frontend.files;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.redisfuse.api.Bytes;
import io.redisfuse.api.Cell;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(120)
class NodeTableTest {

  private static final int THREADS = 4;
  private static final int ROUNDS = 50_000;

  private final NodeTable nodes = new NodeTable(Bytes.EMPTY, 0, 0, Workspace.START, null);

  private static Identity file(int number) {
    return new Identity.OfCell(Cell.string(Bytes.utf8("file" + number)));
  }

  @Test
  void whoLooksUpHoldsForgetsAndDropsAtTheSameTimeLeavesNothing() throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(THREADS);
    List<Future<?>> all = new ArrayList<>();
    for (int i = 0; i < THREADS; i++) {
      int seed = i;
      all.add(
          threads.submit(
              () -> {
                for (int round = 0; round < ROUNDS; round++) {
                  Identity identity = file((round + seed) % 2);
                  Node node = nodes.lookUp(identity);
                  // It is known as long as we do not forget it.
                  Node held = nodes.hold(node.id());
                  assertThat(held).isSameAs(node);
                  nodes.forget(node.id(), 1);
                  // And as long as we hold it.
                  assertThat(nodes.get(node.id())).isSameAs(node);
                  assertThat(nodes.find(identity)).contains(node);
                  nodes.drop(held);
                }
              }));
    }
    for (Future<?> each : all) {
      each.get(100, TimeUnit.SECONDS);
    }
    threads.shutdownNow();

    assertThat(nodes.size()).as("the root").isEqualTo(1);
  }

  @Test
  void whatNobodyKnowsIsNotHeldAgain() {
    Node node = nodes.lookUp(file(1));
    nodes.forget(node.id(), 1);

    assertThatExceptionOfType(FsException.class)
        .isThrownBy(() -> nodes.hold(node.id()))
        .satisfies(e -> assertThat(e.error()).isEqualTo(FsError.STALE));
    assertThat(node.hold()).isFalse();
    assertThat(nodes.lookUp(file(1)).id()).isNotEqualTo(node.id());
  }
}
