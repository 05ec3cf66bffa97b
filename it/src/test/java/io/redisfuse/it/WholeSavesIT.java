package io.redisfuse.it;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.function.IntFunction;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import redis.clients.jedis.Jedis;

/** Whoever reads a key in Redis never sees half a save, whatever saves it. */
class WholeSavesIT {

  private static final Pattern FIRST_LINE = Pattern.compile("begin ([0-9]+)\n");
  private static final int LINES = 1_000;
  private static final Duration LONG = Duration.ofSeconds(120);

  /** Of each kind; with {@code -Dredisfuse.all=true}, 1,000. */
  private static final int SAVES = Saves.count(10, 1000);

  /** The texts of {@link Saves#text}. */
  private static final String SAVING_IN_VIM =
      "for i in range(1, '$n') | %%d | call setline(1, [\"begin \" . i] + repeat([i], 200)"
          + " + [\"end \" . i]) | w | endfor | qa!";

  private static final String SAVING_IN_EMACS =
      "(dotimes (k '$n') (let ((i (1+ k))) (erase-buffer) (insert (format \"begin %d\\n\" i))"
          + " (dotimes (_ 200) (insert (format \"%d\\n\" i))) (insert (format \"end %d\\n\" i))"
          + " (save-buffer)))";

  @RegisterExtension final Workplace place = new Workplace();

  @Test
  void aReaderOfAStringNeverSeesAPartOfThousandSaves() {
    Redis redis = place.redis();
    Mount mount = place.mount(redis);

    Set<Integer> seen =
        requireWhole(
            redis,
            client -> client.get("page"),
            WholeSavesIT::text,
            () -> saveThousandTimes(mount, "page"));
    assertThat(seen).as("saves that the reader saw").hasSizeGreaterThan(200);

    assertThat(redis.keyspace().keys()).hasSize(1);
    assertThat(redis.get("page")).isEqualTo(text(1000));
  }

  @Test
  void aReaderOfAFieldNeverSeesAPartOfThousandSaves() {
    Redis redis = place.redis();
    Mount mount = place.mount(redis);

    Set<Integer> seen =
        requireWhole(
            redis,
            client -> client.hget("page", "text"),
            WholeSavesIT::text,
            () -> saveThousandTimes(mount, "page.text"));
    assertThat(seen).as("saves that the reader saw").hasSizeGreaterThan(200);

    assertThat(redis.keyspace().keys()).hasSize(1);
    assertThat(redis.get("page", "text")).isEqualTo(text(1000));
  }

  static List<String> ways() {
    return Saves.WAYS;
  }

  @ParameterizedTest
  @MethodSource("ways")
  void aReaderNeverSeesAPartWhateverTheWayOfSaving(String way) {
    Redis redis = place.redis();
    Mount mount = place.mount(redis);
    Saves saves = new Saves(place);

    requireWholeSaves(redis, file -> saves.repeat(mount.resolve(file.name()), way, 1, SAVES));
  }

  static List<Named<String>> editors() {
    String vim = "vim -es -Nu NONE -i NONE -c 'set backupskip= %s' -c '" + SAVING_IN_VIM + "' $f";
    return List.of(
        Named.of("vim", vim.formatted("backupcopy=auto")),
        Named.of("vim with backupcopy=yes", vim.formatted("backupcopy=yes")),
        Named.of("vim with backupcopy=no", vim.formatted("backupcopy=no")),
        Named.of("emacs", "emacs -Q --batch $f --eval '" + SAVING_IN_EMACS + "'"));
  }

  @ParameterizedTest
  @MethodSource("editors")
  void aReaderNeverSeesAPartOfWhatAnEditorSaves(String editor) {
    Redis redis = place.redis();
    Mount mount = place.mount(redis);
    String script = "f=%s n=%d; %s > ../log-$f 2>&1 || { cat ../log-$f >&2; exit 1; }";

    requireWholeSaves(
        redis, file -> place.shell(mount).run(LONG, script.formatted(file.name(), SAVES, editor)));
  }

  /** A string and a field are saved at the same time, each so many times. */
  private static void requireWholeSaves(Redis redis, Consumer<CellFile> saving) {
    Stream.of(CellFile.Kind.values())
        .map(
            kind ->
                CompletableFuture.runAsync(
                    () -> requireWholeSaves(redis, kind.file("page-of-" + kind.name()), saving),
                    task -> new Thread(task, kind.name()).start()))
        .toList()
        .forEach(CompletableFuture::join);
  }

  private static void requireWholeSaves(Redis redis, CellFile file, Consumer<CellFile> saving) {
    redis.with(client -> file.write(client, Saves.text(0)));
    Set<Integer> seen = requireWhole(redis, file::read, Saves::text, () -> saving.accept(file));
    assertThat(seen).as("saves that the reader saw of %s", file).hasSizeGreaterThan(SAVES / 4);
    assertThat(file.read(redis)).isEqualTo(Saves.text(SAVES));
  }

  private void saveThousandTimes(Mount mount, String name) {
    for (int save = 1; save <= 700; save++) {
      saveInParts(mount.resolve(name), text(save));
    }
    Shell shell = place.shell(mount);
    String texts =
        """
        lines() { awk -v i=$1 'BEGIN { for (n = 0; n < %d; n++) print i }'; }
        """
            .formatted(LINES);
    shell.run(
        LONG,
        texts
            + """
            for i in $(seq 701 800); do
              text=$(echo begin $i; lines $i; echo end $i)
              printf '%%s\n' "$text" | sh -c 'text=$(cat); printf "%%s\n" "$text" > %s'
            done
            """
                .formatted(name));
    shell.run(
        LONG,
        texts
            + """
            for i in $(seq 801 900); do
              { lines $i; echo end $i; } > ../rest
              { echo begin $i; cat ../rest; } > %s
            done
            """
                .formatted(name));
    shell.run(
        LONG,
        """
        python3 - <<'END'
        for i in range(901, 1001):
            with open('%s', 'w') as f:
                f.write(f'begin {i}\\n')
                f.flush()
                f.writelines(f'{i}\\n' for _ in range(%d))
                f.write(f'end {i}\\n')
        END
        """
            .formatted(name, LINES));
  }

  private static void saveInParts(Path path, String text) {
    try (FileChannel channel =
        FileChannel.open(
            path,
            StandardOpenOption.CREATE,
            StandardOpenOption.WRITE,
            StandardOpenOption.TRUNCATE_EXISTING)) {
      ByteBuffer bytes = ByteBuffer.wrap(text.getBytes(UTF_8));
      int end = bytes.limit();
      for (int part = 1; part <= 4; part++) {
        bytes.limit(end * part / 4);
        while (bytes.hasRemaining()) {
          channel.write(bytes);
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The number of the save that a value says that it is from, or -1. */
  private static int numberIn(String value) {
    Matcher first = FIRST_LINE.matcher(value);
    return first.lookingAt() ? Integer.parseInt(first.group(1)) : -1;
  }

  /** A first line, some lines of the same number, and a last line that says it too. */
  private static String text(int save) {
    return "begin " + save + "\n" + (save + "\n").repeat(LINES) + "end " + save + "\n";
  }

  /**
   * Polls the key as fast as it can while something is done.
   *
   * @param text what a save of this number writes
   * @return the numbers of the saves that were seen
   */
  private static Set<Integer> requireWhole(
      Redis redis, Key key, IntFunction<String> text, Runnable saving) {
    AtomicBoolean done = new AtomicBoolean();
    Set<Integer> seen = new HashSet<>();
    CompletableFuture<Void> reader =
        CompletableFuture.runAsync(
            () -> {
              try (Jedis client = redis.client()) {
                boolean existed = false;
                while (!done.get()) {
                  String value = key.read(client);
                  if (value != null) {
                    existed = true;
                    assertThat(value).isEqualTo(text.apply(numberIn(value)));
                    seen.add(numberIn(value));
                  } else {
                    assertThat(existed).as("the key was there, and is gone").isFalse();
                  }
                }
              }
            });
    try {
      saving.run();
    } finally {
      done.set(true);
    }
    reader.join();
    return seen;
  }

  private interface Key {
    String read(Jedis client);
  }
}
