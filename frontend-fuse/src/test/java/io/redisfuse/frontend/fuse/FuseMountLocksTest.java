package io.redisfuse.frontend.fuse;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Locks that real processes take of files in a mount, and that end with them. */
@Timeout(value = 90, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class FuseMountLocksTest {

  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final String PYTHON = "import fcntl,os,sys,time,signal\n";

  private Mounted mounted;
  private final List<Process> started = new ArrayList<>();

  @BeforeEach
  void mount() throws IOException {
    mounted = new Mounted(MountOptions.Binding.KERNEL);
    Files.writeString(mounted.path("f"), "text");
  }

  @AfterEach
  void unmount() throws IOException {
    started.forEach(Process::destroyForcibly);
    mounted.close();
  }

  /** Starts a shell that says what it does by making files beside the mount. */
  private Process start(String script) throws IOException {
    Process process =
        new ProcessBuilder("bash", "-c", script).directory(mounted.directory.toFile()).start();
    process.getOutputStream().close();
    started.add(process);
    return process;
  }

  private Process python(String script) throws IOException {
    Process process =
        new ProcessBuilder("python3", "-c", PYTHON + script)
            .directory(mounted.directory.toFile())
            .redirectErrorStream(true)
            .start();
    process.getOutputStream().close();
    started.add(process);
    return process;
  }

  private static String line(Process process) throws IOException {
    StringBuilder line = new StringBuilder();
    for (int c = process.getInputStream().read(); c >= 0 && c != '\n'; ) {
      line.append((char) c);
      c = process.getInputStream().read();
    }
    return line.toString();
  }

  /** Holds a lock until it is ended, and says so. */
  private Process holder(String how) throws IOException {
    Process holder =
        python("f=open('f','r+')\n" + how + "\nprint('held',flush=True)\ntime.sleep(80)");
    assertThat(line(holder)).isEqualTo("held");
    return holder;
  }

  private void requireEnded(Process process, int status) throws InterruptedException {
    assertThat(process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)).as("it ends").isTrue();
    assertThat(process.exitValue()).isEqualTo(status);
  }

  private static void kill(Process process) {
    process.destroyForcibly();
  }

  /** After the last close the kernel does not wait until the lock is gone. */
  @Test
  void flockOfTheShellExcludesAndLetsIn() throws IOException {
    assertThat(
            mounted.shell.run(
                "exec 8<f 9<f; flock -x 8; flock -n -x 9 || echo held; flock -u 8; flock -n -x 9 && echo"
                    + " free; flock -n -s 8 || echo held; flock -s 9; flock -n -s 8 && echo shared;"
                    + " exec 8<&- 9<&-; flock -w 20 -x f echo gone"))
        .isEqualTo("held\nfree\nheld\nshared\ngone");
  }

  @Test
  void aLockedCounterLosesNothing() throws Exception {
    Files.writeString(mounted.path("n"), "0");
    List<Process> all = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      all.add(start("for i in $(seq 6); do flock -x n bash -c 'x=$(<n); echo $((x+1)) >n'; done"));
      all.add(
          python(
              "for i in range(6):\n"
                  + " with open('m','a+') as f:\n"
                  + "  fcntl.lockf(f,fcntl.LOCK_EX)\n"
                  + "  f.seek(0)\n"
                  + "  x=int(f.read() or 0)\n"
                  + "  os.truncate('m',0)\n"
                  + "  f.write(str(x+1))\n"));
    }
    for (Process process : all) {
      requireEnded(process, 0);
    }
    assertThat(mounted.path("n")).hasContent("18");
    assertThat(mounted.path("m")).hasContent("18");
  }

  @Test
  void rangesAreSplitAndToldOf() throws IOException {
    holder("fcntl.lockf(f,fcntl.LOCK_EX,10,0)\nfcntl.lockf(f,fcntl.LOCK_UN,2,4)");
    Process other =
        python(
            "import struct\n"
                + "f=open('f','r+')\n"
                + "def free(n,s):\n"
                + " try: fcntl.lockf(f,fcntl.LOCK_EX|fcntl.LOCK_NB,n,s)\n"
                + " except BlockingIOError: return False\n"
                + " return True\n"
                + "print(free(4,0),free(2,4),free(1,6),free(5,10),flush=True)\n"
                + "q=struct.pack('hhqqi4x',fcntl.F_WRLCK,0,0,0,0)\n"
                + "r=struct.unpack('hhqqi4x',fcntl.fcntl(f,fcntl.F_GETLK,q))\n"
                + "print(r[0]==fcntl.F_WRLCK,r[2],r[3],r[4]==int(os.environ.get('H','0')) or r[4]>0)\n");
    assertThat(line(other)).isEqualTo("False True False True");
    assertThat(line(other)).isEqualTo("True 0 4 True");
  }

  @Test
  void whoWaitsGetsTheLockOfAHolderThatIsKilled() throws Exception {
    for (String how : List.of("fcntl.lockf(f,fcntl.LOCK_EX)", "fcntl.flock(f,fcntl.LOCK_EX)")) {
      Process holder = holder(how);
      Process waiter = python("f=open('f','r+')\nprint('waits',flush=True)\n" + how);
      assertThat(line(waiter)).isEqualTo("waits");
      assertThat(waiter.waitFor(100, TimeUnit.MILLISECONDS)).isFalse();
      kill(holder);
      requireEnded(waiter, 0);
    }
  }

  @Test
  void aWaiterThatIsKilledIsGoneAndGetsNothing() throws Exception {
    for (String how : List.of("fcntl.lockf(f,fcntl.LOCK_EX)", "fcntl.flock(f,fcntl.LOCK_EX)")) {
      Process holder = holder(how);
      Process waiter = python("f=open('f','r+')\nprint('waits',flush=True)\n" + how);
      assertThat(line(waiter)).isEqualTo("waits");
      assertThat(waiter.waitFor(100, TimeUnit.MILLISECONDS)).isFalse();
      kill(waiter);
      requireEnded(waiter, 128 + 9);
      Process next = python("f=open('f','r+')\n" + how);
      assertThat(next.waitFor(100, TimeUnit.MILLISECONDS)).isFalse();
      kill(holder);
      requireEnded(next, 0);
    }
  }

  @Test
  void aSignalEndsTheWait() throws Exception {
    holder("fcntl.lockf(f,fcntl.LOCK_EX)");
    Process waiter =
        python(
            "class Alarm(Exception): pass\n"
                + "def ring(*a): raise Alarm()\n"
                + "signal.signal(signal.SIGALRM,ring)\n"
                + "signal.setitimer(signal.ITIMER_REAL,0.2)\n"
                + "f=open('f','r+')\n"
                + "try: fcntl.lockf(f,fcntl.LOCK_EX)\n"
                + "except Alarm: print('interrupted',flush=True)\n");
    assertThat(line(waiter)).isEqualTo("interrupted");
    requireEnded(waiter, 0);
  }

  @Test
  void aCircleOfWaitersIsBroken() throws Exception {
    String script =
        "import errno\n"
            + "f=open('f','r+')\n"
            + "fcntl.lockf(f,fcntl.LOCK_EX,1,%d)\n"
            + "print('held',flush=True)\n"
            + "while not os.path.exists('both'): time.sleep(.01)\n"
            + "try: fcntl.lockf(f,fcntl.LOCK_EX,1,%d); print('both',flush=True)\n"
            + "except OSError as e: print('circle' if e.errno==errno.EDEADLK else e,flush=True)\n";
    Process one = python(String.format(script, 0, 9));
    Process other = python(String.format(script, 9, 0));
    assertThat(line(one)).isEqualTo("held");
    assertThat(line(other)).isEqualTo("held");
    Files.createFile(mounted.path("both"));
    assertThat(List.of(line(one), line(other))).containsExactlyInAnyOrder("both", "circle");
  }

  @Test
  void theLockOfAReaderEndsWithItsDescriptor() throws Exception {
    Process holder =
        python(
            "f=open('f')\nfcntl.lockf(f,fcntl.LOCK_SH)\nprint('held',flush=True)\n"
                + "f.close()\nprint('closed',flush=True)\ntime.sleep(80)");
    assertThat(line(holder)).isEqualTo("held");
    assertThat(line(holder)).isEqualTo("closed");
    requireEnded(python("f=open('f','r+')\nfcntl.lockf(f,fcntl.LOCK_EX)"), 0);
  }

  @Test
  void aLockOfAnOpenFileEndsWithIt() throws Exception {
    // F_OFD_SETLK, F_OFD_SETLKW of fcntl.h
    String lock =
        "import struct\nf=open('f','r+')\n"
            + "l=struct.pack('hhqqi4x',fcntl.F_WRLCK,0,0,0,0)\nfcntl.fcntl(f,%d,l)\n";
    Process holder = python(String.format(lock, 37) + "print('held',flush=True)\ntime.sleep(80)");
    assertThat(line(holder)).isEqualTo("held");
    Process waiter = python(String.format(lock, 38));
    assertThat(waiter.waitFor(100, TimeUnit.MILLISECONDS)).isFalse();
    kill(holder);
    requireEnded(waiter, 0);
  }

  @Test
  void manyWhoWaitHoldNoThread() throws Exception {
    int many = 48;
    Process holder = holder("fcntl.flock(f,fcntl.LOCK_EX)");
    // It is counted when it has ended, which the holder does not wait for.
    await().atMost(PATIENCE).until(() -> mounted.tree.calls("await") == 1);
    Process waiters =
        python(
            "for i in range("
                + many
                + "):\n"
                + " if os.fork()==0:\n"
                + "  f=open('f')\n"
                + "  fcntl.flock(f,fcntl.LOCK_EX)\n"
                + "  os._exit(0)\n"
                + "print('waiting',flush=True)\n"
                + "print(sum(os.wait()[1] for i in range("
                + many
                + ")),flush=True)");
    assertThat(line(waiters)).isEqualTo("waiting");
    await().atMost(PATIENCE).until(() -> mounted.tree.calls("await") == 1 + many);
    await()
        .atMost(PATIENCE)
        .untilAsserted(
            () -> {
              Files.exists(mounted.path("nothing"));
              assertThat(threads()).isLessThanOrEqualTo(MountOptions.defaults().threads());
            });
    kill(holder);
    assertThat(line(waiters)).isEqualTo("0");
  }

  private static long threads() {
    return Thread.getAllStackTraces().keySet().stream()
        .filter(thread -> thread.getName().matches("fuse-\\d+"))
        .count();
  }

  @Test
  void locksOfJavaExcludeOtherProcesses() throws Exception {
    Path file = mounted.path("f");
    try (var channel = FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE);
        var lock = channel.lock(0, 4, /* shared= */ false)) {
      assertThat(lock.isValid()).isTrue();
      Process waiter = python("f=open('f','r+')\nfcntl.lockf(f,fcntl.LOCK_EX)");
      assertThat(waiter.waitFor(100, TimeUnit.MILLISECONDS)).isFalse();
      lock.release();
      requireEnded(waiter, 0);
    }
  }
}
