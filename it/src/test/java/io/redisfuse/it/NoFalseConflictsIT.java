package io.redisfuse.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * Where nobody else writes, every save succeeds, however programs share their work, and no text is
 * kept as if it had been rejected: shells do not tell of that.
 */
class NoFalseConflictsIT {

  /** With {@code -Dredisfuse.all=true}, 1,000. */
  private static final int SAVES = Saves.count(15, 1000);

  @RegisterExtension final Workplace place = new Workplace();

  /**
   * Saves by one program or several.
   *
   * @param script saves {@code $f}, which holds "0" and a newline at first, {@code $n} times
   * @param result what the file then holds, where {@code $n} is that number
   */
  private record Work(String name, String script, String result) {}

  private static final List<Work> WORKS =
      List.of(
          new Work(
              "writing after appending",
              "for i in $(seq $n); do echo more >> $f; echo $i > $f; done",
              "$n\n"),
          new Work(
              "appending after writing",
              "for i in $(seq $n); do echo $i > $f; echo more >> $f; done",
              "$n\nmore\n"),
          new Work(
              "cp over it", "for i in $(seq $n); do echo $i > $other; cp $other $f; done", "$n\n"),
          new Work(
              "a script that reads it, lets a child change it, and writes it",
              """
              for i in $(seq $n); do
                read x < $f
                sed -i 's/$/ and more/' $f
                echo $((x + 1)) > $f
              done
              """,
              "$n\n"),
          new Work(
              "a script that lets a child write it, reads it, and writes it",
              """
              for i in $(seq $n); do
                bash -c "read x < $f; echo \\$((x + 1)) > $f"
                read x < $f
                echo "$x" > $f
              done
              """,
              "$n\n"),
          new Work(
              "children that write to one open file",
              """
              echo child > $other
              for i in $(seq $n); do { echo a; cat $other; sh -c 'echo b'; } > $f; done
              """,
              "a\nchild\nb\n"),
          new Work(
              "a shell and its children that write to a descriptor",
              """
              for i in $(seq $n); do
                exec 3> $f
                echo a >&3
                (echo b >&3)
                sh -c 'exec echo c >&3'
                exec 3>&-
              done
              """,
              "a\nb\nc\n"),
          new Work(
              "a pipeline that ends in it",
              "for i in $(seq $n); do sed 's/.*/'$i'/' < $f | cat > $other; cat $other > $f; done",
              "$n\n"),
          new Work("tee", "for i in $(seq $n); do echo $i | tee $f > /dev/null; done", "$n\n"),
          new Work(
              "dd without truncation",
              "for i in $(seq $n); do printf 1 | dd of=$f conv=notrunc status=none; done",
              "1\n"),
          new Work("sort -o", "for i in $(seq $n); do sort -o $f $f; done", "0\n"),
          new Work("sed -i", "for i in $(seq $n); do sed -i s/.*/$i/ $f; done", "$n\n"),
          new Work("perl -pi", "for i in $(seq $n); do perl -pi -e s/.*/$i/ $f; done", "$n\n"),
          new Work(
              "mv over it", "for i in $(seq $n); do echo $i > $other; mv $other $f; done", "$n\n"),
          new Work(
              "mv over it from the same directory",
              "for i in $(seq $n); do echo $i > $f-new; mv $f-new $f; done",
              "$n\n"),
          new Work(
              "one session of vim",
              "vim -es -Nu NONE -i NONE -c 'set backupskip= backupcopy=auto'"
                  + " -c \"for i in range(1, $n) | call setline(1, i) | w | endfor\" -c qa! $f",
              "$n\n"),
          new Work(
              "one session of vim with backupcopy=yes",
              "vim -es -Nu NONE -i NONE -c 'set backupskip= backupcopy=yes'"
                  + " -c \"for i in range(1, $n) | call setline(1, i) | w | endfor\" -c qa! $f",
              "$n\n"),
          new Work(
              "one session of vim with backupcopy=no and nofsync",
              "vim -es -Nu NONE -i NONE -c 'set backupskip= backupcopy=no nofsync'"
                  + " -c \"for i in range(1, $n) | call setline(1, i) | w | endfor\" -c qa! $f",
              "$n\n"),
          new Work(
              "one session of neovim",
              "nvim -es -u NONE -i NONE -c 'set backupskip='"
                  + " -c \"for i in range(1, $n) | call setline(1, i) | w | endfor\" -c qa! $f",
              "$n\n"),
          new Work(
              "one session of emacs",
              """
              emacs -Q --batch $f --eval '(dotimes (i '$n')
                (erase-buffer) (insert (format "%d\\n" (1+ i))) (save-buffer))' 2> /dev/null
              """,
              "$n\n"),
          new Work(
              "one session of ed",
              "for i in $(seq $n); do printf 's/.*/%s/\\nw\\n' $i; done | ed -s $f",
              "$n\n"),
          new Work(
              "threads that read and threads that save",
              """
              python3 - $f $n <<'END'
              import sys
              from concurrent.futures import ThreadPoolExecutor
              def read():
                  with open(sys.argv[1]) as f:
                      return int(f.read())
              def save(number):
                  with open(sys.argv[1], "w") as f:
                      f.write("%d\\n" % number)
              readers, savers = ThreadPoolExecutor(2), ThreadPoolExecutor(3)
              for i in range(int(sys.argv[2])):
                  savers.submit(save, readers.submit(read).result() + 1).result()
              END
              """,
              "$n\n"),
          new Work(
              "a process that forks between reading and saving",
              """
              python3 - $f $n <<'END'
              import os, subprocess, sys
              for i in range(int(sys.argv[2])):
                  with open(sys.argv[1]) as f:
                      number = int(f.read())
                  f = open(sys.argv[1], "w")
                  child = os.fork()
                  if child == 0:
                      f.write("%d" % (number + 1))
                      f.close()
                      os._exit(0)
                  assert os.waitpid(child, 0)[1] == 0
                  subprocess.run(["echo"], stdout=f, check=True)
                  f.close()
              END
              """,
              "$n\n"),
          new Work(
              "Node, writing and renaming",
              """
              node -e 'const fs = require("fs"); const [f, n] = process.argv.slice(1);
                for (let i = 1; i <= n; i++) {
                  fs.readFileSync(f);
                  fs.writeFileSync(f, i + "x\\n");
                  fs.writeFileSync("tmp" + i, i + "\\n");
                  fs.renameSync("tmp" + i, f);
                }' $f $n
              """,
              "$n\n"),
          new Work(
              "Java, writing and moving",
              "seq $n | tr -d 0-9 | "
                  + AtomicSave.command("$f")
                  + " > $other; [ $(grep -c 'has saved' $other) = $n ]",
              "MINE 0\n"));

  @TestFactory
  Stream<DynamicTest> withoutRivalsEverySaveSucceeds() {
    Redis redis = place.redis();
    Mount mount = place.mount(redis);
    Saves saves = new Saves(place);
    Shell shell = place.shell(mount);
    List<DynamicTest> tests = new ArrayList<>();
    for (Work work : WORKS) {
      String name = "work" + tests.size() + (tests.size() % 2 == 0 ? "" : ".text");
      tests.add(
          dynamicTest(
              work.name(),
              () -> {
                shell.run(
                    Saves.PATIENCE,
                    "f=%s other=../other n=%d\necho 0 > $f\n%s"
                        .formatted(name, SAVES, work.script()));
                assertThat(shell.run("cat " + name))
                    .isEqualTo(work.result().replace("$n", String.valueOf(SAVES)));
                requireNothingKept();
              }));
    }
    for (String way : Saves.WAYS) {
      String name = "work" + tests.size() + (tests.size() % 2 == 0 ? "" : ".text");
      tests.add(
          dynamicTest(
              way + ", by one process",
              () -> {
                shell.run("printf %040d 0 > " + name);
                assertThat(
                        saves
                            .start("tokens", mount.resolve(name), way, SAVES, "token")
                            .join()
                            .requireSuccess()
                            .out()
                            .lines())
                    .hasSize(SAVES)
                    .allMatch(line -> line.endsWith(" ok"));
                requireNothingKept();
              }));
    }
    return tests.stream();
  }

  private void requireNothingKept() {
    assertThat(
            place.shell().run("cat home/state/redisfuse/conflicts/*.record 2> /dev/null || true"))
        .as("texts that are kept")
        .isEmpty();
  }
}
