package io.redisfuse.it;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BrokenBarrierException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * The server starts again with less than it had, while editors and programs have files open: what
 * it holds then is another version than what they have read, and is not overwritten without a word.
 */
@Timeout(180)
class RestartIT {

  private static final Duration SOON = Duration.ofSeconds(20);
  private static final String OLDER = "older\n";

  /** One that writes in place, one that truncates, one that renames. */
  private static final List<String> EDITORS = List.of("nano", "vim", "emacs");

  @RegisterExtension final Workplace place = new Workplace();

  private final List<CellFile> files = new ArrayList<>();
  private Redis redis;
  private Mount mount;

  /** What the server has when it starts again. */
  enum Data {
    NONE,
    OLDER
  }

  @ParameterizedTest
  @EnumSource
  void whoHasFilesOpenIsToldOfIt(Data data) throws Exception {
    redis = place.redis();
    List<Editor> editors =
        Editor.ALL.stream().filter(editor -> EDITORS.contains(editor.name())).toList();
    assertThat(editors).hasSameSizeAs(EDITORS);
    for (Editor editor : editors) {
      for (CellFile.Kind kind : CellFile.Kind.values()) {
        files.add(kind.file(editor.name() + "-" + files.size()));
      }
    }
    if (data == Data.OLDER) {
      setAll(OLDER);
    }
    redis.with(
        client -> {
          client.set("same", "same");
          client.save();
        });
    setAll(Rival.BEFORE);
    mount = place.mount(redis).expectingErrors();
    Optional<String> then = data == Data.OLDER ? Optional.of(OLDER) : Optional.empty();
    FileChannel held = opened("held", "MINE1\n");
    FileChannel same = opened("same", "MINE");
    CyclicBarrier restart = new CyclicBarrier(files.size(), this::restart);

    List<CompletableFuture<Void>> sessions = new ArrayList<>();
    for (int i = 0; i < files.size(); i++) {
      Editor editor = editors.get(i / CellFile.Kind.values().length);
      CellFile file = files.get(i);
      EditorSession session = new EditorSession(place, redis, mount, editor, file);
      sessions.add(
          CompletableFuture.runAsync(
              () -> session.saveAgainst(() -> pass(restart), then),
              task -> new Thread(task, file.name()).start()));
    }
    for (CompletableFuture<Void> session : sessions) {
      session.get(2, TimeUnit.MINUTES);
    }

    assertThatThrownBy(held::close).hasMessageContaining("busy");
    assertThat(Optional.ofNullable(redis.get("held"))).isEqualTo(then);
    await().atMost(SOON).untilAsserted(() -> assertThat(place.keptContents()).contains("MINE1\n"));
    same.close();
    assertThat(redis.get("same")).as("what is as it was read is saved").isEqualTo("MINE");
  }

  private void setAll(String text) {
    redis.with(
        client -> {
          files.forEach(file -> file.write(client, text));
          client.set("held", text);
        });
  }

  /** Something is written, and not saved yet. */
  private FileChannel opened(String name, String text) throws IOException {
    FileChannel open =
        FileChannel.open(mount.resolve(name), StandardOpenOption.READ, StandardOpenOption.WRITE);
    place.onClose(open::close);
    open.read(ByteBuffer.allocate(100));
    open.write(ByteBuffer.wrap(text.getBytes(UTF_8)), 0);
    return open;
  }

  private void restart() {
    redis.kill();
    redis.restart();
  }

  private static void pass(CyclicBarrier barrier) {
    try {
      barrier.await(1, TimeUnit.MINUTES);
    } catch (InterruptedException | BrokenBarrierException | TimeoutException e) {
      throw new IllegalStateException("not all editors have read their files", e);
    }
  }
}
