package io.redisfuse.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import redis.clients.jedis.Jedis;

/** Programs that lock files, or rename them with flags, on the kernel's own protocol. */
@Timeout(value = 10, unit = TimeUnit.MINUTES)
class LocksIT {

  /** With {@code -Dredisfuse.all=true}, 500. */
  private static final int EACH = Saves.count(8, 500);

  private static final int PROCESSES = 4;

  /** Where another binding is asked for, all tests are to run on that. */
  private static final boolean CHOSEN = System.getProperty("redisfuse.binding") != null;

  private static final boolean TAKES_FLAGS =
      !"libfuse".equals(System.getProperty("redisfuse.binding"));

  private static final String RENAME =
      """
      import ctypes, os, subprocess
      libc = ctypes.CDLL(None, use_errno=True)
      def rename(a, b, flags):
          if libc.renameat2(-100, a.encode(), -100, b.encode(), flags) == 0: return 'done'
          return os.strerror(ctypes.get_errno())
      def rival(value):
          subprocess.run(['redis-cli', '-c', '-p', '%d', 'set', 'note', value], stdout=subprocess.DEVNULL)
      def write(name, text):
          with open(name, 'w') as f: f.write(text)
      def read(name):
          with open(name) as f: return f.read()
      """;

  @RegisterExtension final Workplace place = new Workplace();

  private Redis redis;
  private Mount mount;

  @BeforeEach
  void mount() {
    redis = place.redis();
    mount = CHOSEN ? place.mount(redis) : place.mount(redis, "--binding", "kernel");
  }

  @Test
  void countersThatAreLockedLoseNothing() {
    Shell shell = place.shell(mount);
    shell.run("echo -n 0 >n; echo -n 0 >h.n; : >gate.lock");
    String python =
        """
        python3 - <<'END'
        import fcntl
        for i in range(%d):
            for name, lock in ('n', fcntl.flock), ('h.n', fcntl.lockf):
                with open(name, 'r+') as f:
                    lock(f, fcntl.LOCK_EX)
                    x = int(f.read())
                    f.seek(0)
                    f.write(str(x + 1))
        END
        """
            .formatted(EACH);
    String bash =
        "for i in $(seq "
            + EACH
            + "); do flock -x gate.lock bash -c 'x=$(<m); echo -n $((x+1)) >m'; done";
    shell.run("echo -n 0 >m");
    List<CompletableFuture<Shell.Outcome>> all = new ArrayList<>();
    for (int i = 0; i < PROCESSES; i++) {
      all.add(CompletableFuture.supplyAsync(() -> place.shell(mount).attempt(python)));
      all.add(CompletableFuture.supplyAsync(() -> place.shell(mount).attempt(bash)));
    }
    all.forEach(one -> one.join().requireSuccess());
    String sum = Integer.toString(PROCESSES * EACH);
    try (Jedis client = redis.client()) {
      assertThat(client.get("n")).isEqualTo(sum);
      assertThat(client.hget("h", "n")).isEqualTo(sum);
      assertThat(client.get("m")).isEqualTo(sum);
    }
  }

  private String python(String script) {
    String whole = RENAME.formatted(redis.port()) + script;
    return place.shell(mount).run("python3 - <<'END'\n" + whole + "END\n");
  }

  @Test
  void renamesWithFlagsSeeWhoWasFaster() {
    assumeThat(Redis.isCluster()).as("a cluster exchanges nothing over slots").isFalse();
    String said =
        python(
            """
            rival('first')
            text = read('note')
            write('new', 'made from ' + text)
            rival('rival')
            print(rename('new', 'note', 2), read('note'), read('new'), sep=', ')
            write('new', 'made from ' + read('note'))
            print(rename('new', 'note', 2), read('note'), read('new'), sep=', ')
            print(rename('new', 'note', 1))
            os.remove('new')
            print(rename('note', 'new', 1), *os.listdir('.'))
            """);
    assertThat(said.lines().toList())
        .isEqualTo(
            TAKES_FLAGS
                ? List.of(
                    "Device or resource busy, rival, made from first",
                    "done, made from rival, rival",
                    "File exists",
                    "done new")
                : List.of(
                    "Invalid argument, rival, made from first",
                    "Invalid argument, rival, made from rival",
                    "File exists",
                    "Invalid argument note"));
    try (Jedis client = redis.client()) {
      assertThat(client.get(TAKES_FLAGS ? "new" : "note"))
          .isEqualTo(TAKES_FLAGS ? "made from rival" : "rival");
    }
  }
}
