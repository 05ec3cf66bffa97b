package io.redisfuse.frontend.fuse;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** Large files, mapped files, and many programs at once. */
@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
@ParameterizedClass
@EnumSource(MountOptions.Binding.class)
class FuseMountContentTest {

  @Parameter MountOptions.Binding binding;

  private static final int MIB = 1 << 20;

  private Mounted mounted;

  @BeforeEach
  void mount() throws IOException {
    mounted = new Mounted(binding);
  }

  @AfterEach
  void unmount() throws IOException {
    mounted.close();
  }

  @Test
  void aLargeFileIsReadAsItWasWritten() throws IOException, NoSuchAlgorithmException {
    int blocks = 300;
    MessageDigest written = MessageDigest.getInstance("SHA-256");
    byte[] block = new byte[MIB];
    Random random = new Random(7);
    try (FileChannel file = create("large")) {
      for (int i = 0; i < blocks; i++) {
        random.nextBytes(block);
        written.update(block);
        write(file, ByteBuffer.wrap(block));
      }
    }

    assertThat(Files.size(mounted.path("large"))).isEqualTo((long) blocks * MIB);
    assertThat(mounted.shell.run("sha256sum <large"))
        .startsWith(HexFormat.of().formatHex(written.digest()));
  }

  @Test
  void aFileIsSharedByMappings() throws IOException {
    // Not in this process: a page fault of it would wait for itself.
    mounted.shell.run("head -c 1000000 /dev/urandom >mapped");
    String output =
        mounted.shell.run(
            "'"
                + Path.of(System.getProperty("java.home"), "bin", "java")
                + "' -cp '"
                + System.getProperty("java.class.path")
                + "' "
                + MappedFile.class.getName()
                + " mapped; sha256sum <mapped");

    String[] lines = output.split("\n", -1);
    assertThat(lines[0]).isEqualTo("private mapping equal: true");
    assertThat(lines[1]).isEqualTo("shared mapping written");
    assertThat(lines[2] + "  -").isEqualTo(lines[3]);
  }

  @Test
  void manyThreadsDoNotDisturbEachOther() throws Exception {
    int threads = 12;
    CyclicBarrier start = new CyclicBarrier(threads);
    List<Callable<Void>> work = new ArrayList<>();
    for (int i = 0; i < threads; i++) {
      Path directory = mounted.path("thread" + i);
      Random random = new Random(i);
      work.add(
          () -> {
            start.await(30, TimeUnit.SECONDS);
            Files.createDirectory(directory);
            for (int round = 0; round < 60; round++) {
              Path file = directory.resolve("file" + round % 7);
              byte[] content = new byte[random.nextInt(300_000)];
              random.nextBytes(content);
              Files.write(file, content);
              assertThat(Files.readAllBytes(file)).isEqualTo(content);
              Path moved = directory.resolve("moved" + round % 3);
              Files.deleteIfExists(moved);
              Files.move(file, moved);
              assertThat(Files.size(moved)).isEqualTo(content.length);
            }
            return null;
          });
    }

    runAll(work);

    assertThat(mounted.tree.openHandles()).isLessThanOrEqualTo(threads);
  }

  @Test
  void appendersLoseNothing() throws Exception {
    int threads = 6;
    int lines = 200;
    List<Callable<Void>> work = new ArrayList<>();
    for (int i = 0; i < threads; i++) {
      byte[] line = ("a line of writer " + i + "\n").getBytes(UTF_8);
      work.add(
          () -> {
            try (FileChannel file =
                FileChannel.open(
                    mounted.path("log"), StandardOpenOption.CREATE, StandardOpenOption.APPEND)) {
              for (int l = 0; l < lines; l++) {
                write(file, ByteBuffer.wrap(line));
              }
            }
            return null;
          });
    }

    runAll(work);

    assertThat(mounted.shell.run("sort log | uniq -c | tr -s ' ' | cut -d ' ' -f 2 | uniq"))
        .isEqualTo(Integer.toString(lines));
  }

  private static void runAll(List<Callable<Void>> work) throws Exception {
    ExecutorService pool = Executors.newFixedThreadPool(work.size());
    try {
      for (Future<Void> done : pool.invokeAll(work, 60, TimeUnit.SECONDS)) {
        done.get();
      }
    } finally {
      pool.shutdownNow();
    }
  }

  private FileChannel create(String name) throws IOException {
    return FileChannel.open(
        mounted.path(name), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
  }

  private static void write(FileChannel file, ByteBuffer from) throws IOException {
    while (from.hasRemaining()) {
      file.write(from);
    }
  }
}
