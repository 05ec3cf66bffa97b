package io.redisfuse.frontend.files;

import static io.redisfuse.frontend.files.Workspace.errorOf;
import static org.assertj.core.api.Assertions.assertThat;

import io.redisfuse.backend.memory.MemoryBackend;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Processes, one after the other, make, rename and remove files of ordinary and of scratch names in
 * an order by chance: what is seen is what any file system would show, and in the end the store
 * holds every file of an ordinary name, and nothing else but what once had one.
 */
class RandomNamesTest {

  private static final List<String> NAMES =
      List.of("a", "b", "a~", "b~", "#a#", "d/a", "d/a~", "d/b", "e/a", "e/a~");
  private static final int STEPS = 80;

  @TempDir Path kept;
  private Workspace fs;
  private final Map<String, String> files = new TreeMap<>();
  private final List<String> steps = new ArrayList<>();

  static IntStream seeds() {
    return IntStream.range(0, 60);
  }

  @BeforeEach
  void start() {
    fs = new Workspace(new MemoryBackend(), kept);
    fs.mkdir("d");
    fs.mkdir("e");
  }

  @AfterEach
  void stop() {
    fs.close();
  }

  @ParameterizedTest
  @MethodSource("seeds")
  void namesAreWhatTheyAreAnywhere(int seed) {
    Random random = new Random(seed);
    int process = 1;
    for (int i = 0; i < STEPS; i++) {
      if (random.nextInt(10) == 0) {
        steps.add(process + " ends");
        fs.processes.end(process++);
        fs.now.set(fs.now.get().plus(Duration.ofSeconds(5)));
      }
      step(random, fs.program(process), "text " + i);
      requireSeen(fs.program(1000 + i));
    }
    fs.files.close();
    requireStored();
    assertThat(fs.kept.directory()).as("%s", steps).isEmptyDirectory();
  }

  private void step(Random random, Program program, String text) {
    String name = NAMES.get(random.nextInt(NAMES.size()));
    String other = NAMES.get(random.nextInt(NAMES.size()));
    switch (random.nextInt(7)) {
      case 0, 1 -> {
        steps.add("save " + name);
        program.save(name, text);
        files.put(name, text);
      }
      case 2 -> {
        steps.add("rm " + name);
        act(() -> program.rm(name), name);
        files.remove(name);
      }
      case 3 -> {
        steps.add("append " + name);
        program.append(name, text);
        files.merge(name, text, String::concat);
      }
      default -> {
        steps.add("mv " + name + " " + other);
        act(() -> program.mv(name, other), name);
        if (files.containsKey(name)) {
          files.put(other, files.get(name));
        }
        if (!name.equals(other)) {
          files.remove(name);
        }
      }
    }
  }

  private void act(Runnable action, String name) {
    if (files.containsKey(name)) {
      action.run();
    } else {
      assertThat(errorOf(action::run)).as("%s", steps).isEqualTo(FsError.NO_ENTRY);
    }
  }

  private void requireSeen(Program program) {
    Map<String, String> seen = new TreeMap<>();
    for (String directory : List.of("", "d", "e")) {
      for (String name : program.list(directory)) {
        String path = directory.isEmpty() ? name : directory + "/" + name;
        if (!path.equals("d") && !path.equals("e")) {
          seen.put(path, program.cat(path));
        }
      }
    }
    assertThat(seen).as("%s", steps).isEqualTo(files);
    for (String name : NAMES) {
      assertThat(program.exists(name)).as("%s: %s", name, steps).isEqualTo(files.containsKey(name));
    }
  }

  private void requireStored() {
    Map<String, String> stored = new TreeMap<>();
    for (String key : fs.keys()) {
      if (!key.endsWith(":")) {
        stored.put(key.replace(':', '/'), fs.get(key).orElseThrow());
      }
    }
    assertThat(files).as("%s", steps).containsAllEntriesOf(stored);
    Map<String, String> ordinary = new TreeMap<>(files);
    ordinary.keySet().removeIf(name -> name.endsWith("~") || name.endsWith("#"));
    assertThat(stored).as("%s", steps).containsAllEntriesOf(ordinary);
  }
}
