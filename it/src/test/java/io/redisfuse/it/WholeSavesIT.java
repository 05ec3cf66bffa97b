package io.redisfuse.it;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import redis.clients.jedis.Jedis;

/** Whoever reads a key in Redis never sees half a save, whatever saves it. */
class WholeSavesIT {

  private static final Pattern FIRST_LINE = Pattern.compile("begin ([0-9]+)\n");
  private static final int LINES = 1_000;
  private static final Duration LONG = Duration.ofSeconds(120);

  @RegisterExtension final Workplace place = new Workplace();

  @Test
  void aReaderOfAStringNeverSeesAPartOfThousandSaves() throws Exception {
    Redis redis = place.redis();
    Mount mount = place.mount(redis);

    requireWhole(redis, client -> client.get("page"), () -> saveThousandTimes(mount, "page"));

    assertThat(redis.keyspace().keys()).hasSize(1);
    assertThat(redis.get("page")).isEqualTo(text(1000));
  }

  @Test
  void aReaderOfAFieldNeverSeesAPartOfThousandSaves() throws Exception {
    Redis redis = place.redis();
    Mount mount = place.mount(redis);

    requireWhole(
        redis, client -> client.hget("page", "text"), () -> saveThousandTimes(mount, "page.text"));

    assertThat(redis.keyspace().keys()).hasSize(1);
    assertThat(redis.get("page", "text")).isEqualTo(text(1000));
  }

  private void saveThousandTimes(Mount mount, String name) throws IOException {
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

  private static void saveInParts(Path path, String text) throws IOException {
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

  /** Polls the key as fast as it can while something is done. */
  private static void requireWhole(Redis redis, Key key, Saves saves) throws Exception {
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
                    assertThat(value).isEqualTo(text(numberIn(value)));
                    seen.add(numberIn(value));
                  } else {
                    assertThat(existed).as("the key was there, and is gone").isFalse();
                  }
                }
              }
            });
    try {
      saves.run();
    } finally {
      done.set(true);
    }
    reader.get();
    assertThat(seen).as("saves that the reader saw").hasSizeGreaterThan(200);
  }

  private interface Key {
    String read(Jedis client);
  }

  private interface Saves {
    void run() throws IOException;
  }
}
