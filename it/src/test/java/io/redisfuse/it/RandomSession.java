package io.redisfuse.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.redisfuse.api.Bytes;
import java.io.Closeable;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.random.RandomGenerator;

/** Does random things to the files of a mount and to a {@link FileModel}, and compares. */
final class RandomSession implements Closeable {

  static final List<String> DIRECTORIES = List.of("d", "e.d");

  private static final List<String> NAMES =
      List.of(
          "a", "b", ".c", "h.x", "h.y", "d/a", "d/k.z", "d/k.z.z", "e.d/a", "e.d/m.n", "d/.p.q");

  private static final int MOST_HANDLES = 6;
  private static final int REMEMBERED = 60;

  /** Beyond the sizes at which the mount changes how it loads and saves. */
  private static final int LARGE = 400_000;

  private record Handle(
      String name, FileModel.File file, Set<StandardOpenOption> options, FileChannel channel) {

    boolean reads() {
      return options.contains(StandardOpenOption.READ);
    }

    boolean writes() {
      return options.contains(StandardOpenOption.WRITE) || appends();
    }

    boolean appends() {
      return options.contains(StandardOpenOption.APPEND);
    }
  }

  private final Path root;
  private final RandomGenerator random;
  private final FileModel model = new FileModel();
  private final List<Handle> handles = new ArrayList<>();
  private final Deque<String> history = new ArrayDeque<>();

  RandomSession(Path root, RandomGenerator random) {
    this.root = root;
    this.random = random;
  }

  FileModel model() {
    return model;
  }

  /** The last steps, a line each. */
  String history() {
    return String.join("\n", history);
  }

  /** One random operation. */
  void step() throws IOException {
    int dice = random.nextInt(100);
    if (dice < 14) {
      open();
    } else if (dice < 24) {
      closeAny();
    } else if (dice < 44) {
      writeThrough();
    } else if (dice < 62) {
      readThrough();
    } else if (dice < 68) {
      resizeThrough();
    } else if (dice < 72) {
      readWhole();
    } else if (dice < 76) {
      replace();
    } else if (dice < 80) {
      appendByName();
    } else if (dice < 83) {
      resizeByName();
    } else if (dice < 89) {
      rename();
    } else if (dice < 93) {
      remove();
    } else if (dice < 96) {
      compareSize();
    } else if (dice < 98) {
      force();
    } else {
      compareListing();
    }
  }

  void closeAll() throws IOException {
    log("close all");
    while (!handles.isEmpty()) {
      handles.remove(handles.size() - 1).channel().close();
    }
  }

  @Override
  public void close() throws IOException {
    IOException first = null;
    for (Handle handle : handles) {
      try {
        handle.channel().close();
      } catch (IOException e) {
        first = first == null ? e : first;
      }
    }
    handles.clear();
    if (first != null) {
      throw first;
    }
  }

  private void open() throws IOException {
    if (handles.size() == MOST_HANDLES) {
      closeOne();
    }
    String name = anyName();
    Set<StandardOpenOption> options = anyOptions();
    log("open " + name + " " + options);
    boolean existed = model.exists(name);
    if (!existed && !creates(options)) {
      assertThatThrownBy(() -> FileChannel.open(path(name), options))
          .isInstanceOf(NoSuchFileException.class);
      return;
    }
    if (existed && options.contains(StandardOpenOption.CREATE_NEW)) {
      assertThatThrownBy(() -> FileChannel.open(path(name), options))
          .isInstanceOf(FileAlreadyExistsException.class);
      return;
    }
    FileChannel channel = FileChannel.open(path(name), options);
    FileModel.File file = model.create(name);
    if (options.contains(StandardOpenOption.TRUNCATE_EXISTING)) {
      file.resize(0);
    }
    handles.add(new Handle(name, file, options, channel));
  }

  private static boolean creates(Set<StandardOpenOption> options) {
    return options.contains(StandardOpenOption.CREATE)
        || options.contains(StandardOpenOption.CREATE_NEW);
  }

  private Set<StandardOpenOption> anyOptions() {
    return switch (random.nextInt(8)) {
      case 0 -> EnumSet.of(StandardOpenOption.READ);
      case 1 -> EnumSet.of(StandardOpenOption.WRITE);
      case 2 ->
          EnumSet.of(
              StandardOpenOption.WRITE,
              StandardOpenOption.CREATE,
              StandardOpenOption.TRUNCATE_EXISTING);
      case 3 -> EnumSet.of(StandardOpenOption.WRITE, StandardOpenOption.TRUNCATE_EXISTING);
      case 4 -> EnumSet.of(StandardOpenOption.APPEND, StandardOpenOption.CREATE);
      case 5 ->
          EnumSet.of(
              StandardOpenOption.READ, StandardOpenOption.WRITE, StandardOpenOption.CREATE_NEW);
      default ->
          EnumSet.of(StandardOpenOption.READ, StandardOpenOption.WRITE, StandardOpenOption.CREATE);
    };
  }

  private void closeAny() throws IOException {
    if (!handles.isEmpty()) {
      closeOne();
    }
  }

  private void closeOne() throws IOException {
    Handle handle = handles.remove(random.nextInt(handles.size()));
    log("close " + handle.name() + " " + handle.options());
    handle.channel().close();
  }

  private void writeThrough() throws IOException {
    Handle handle = anyHandle();
    if (handle == null || !handle.writes()) {
      return;
    }
    byte[] bytes = anyBytes();
    int offset = anyOffset(handle.file());
    if (handle.appends()) {
      log("append " + bytes.length + " to " + handle.name());
      writeFully(handle.channel(), bytes);
      handle.file().append(bytes);
    } else {
      log("write " + bytes.length + " at " + offset + " to " + handle.name());
      handle.channel().position(offset);
      writeFully(handle.channel(), bytes);
      handle.file().write(offset, bytes);
    }
  }

  private static void writeFully(FileChannel channel, byte[] bytes) throws IOException {
    ByteBuffer buffer = ByteBuffer.wrap(bytes);
    while (buffer.hasRemaining()) {
      channel.write(buffer);
    }
  }

  private void readThrough() throws IOException {
    Handle handle = anyHandle();
    if (handle == null || !handle.reads()) {
      return;
    }
    int offset = anyOffset(handle.file());
    int length = random.nextInt(2) == 0 ? LARGE * 2 : random.nextInt(1, 10_000);
    log("read " + length + " at " + offset + " of " + handle.name());
    ByteBuffer buffer = ByteBuffer.allocate(length);
    int count;
    do {
      count = handle.channel().read(buffer, offset + buffer.position());
    } while (count > 0 && buffer.hasRemaining());
    assertThat(Bytes.copyOf(buffer.flip()))
        .as("%s bytes at %s of %s", length, offset, handle.name())
        .isEqualTo(handle.file().read(offset, length));
  }

  private void resizeThrough() throws IOException {
    Handle handle = anyHandle();
    if (handle == null || !handle.writes()) {
      return;
    }
    // A channel only ever shrinks a file.
    int size = random.nextInt(handle.file().size() + 1);
    log("truncate " + handle.name() + " to " + size);
    handle.channel().truncate(size);
    handle.file().resize(size);
  }

  private void readWhole() throws IOException {
    String name = anyName();
    log("read " + name);
    if (model.exists(name)) {
      assertThat(Bytes.wrap(Files.readAllBytes(path(name))))
          .as(name)
          .isEqualTo(model.content(name));
    } else {
      assertThatThrownBy(() -> Files.readAllBytes(path(name)))
          .isInstanceOf(NoSuchFileException.class);
    }
  }

  private void replace() throws IOException {
    String name = anyName();
    byte[] bytes = anyBytes();
    log("replace " + name + " by " + bytes.length);
    Files.write(path(name), bytes);
    FileModel.File file = model.create(name);
    file.resize(0);
    file.write(0, bytes);
  }

  private void appendByName() throws IOException {
    String name = anyName();
    byte[] bytes = anyBytes();
    log("append " + bytes.length + " to " + name + " by name");
    OpenOption[] options = {StandardOpenOption.APPEND, StandardOpenOption.CREATE};
    Files.write(path(name), bytes, options);
    model.create(name).append(bytes);
  }

  private void resizeByName() throws IOException {
    String name = anyName();
    if (!model.exists(name)) {
      return;
    }
    int size = random.nextInt(model.get(name).size() + 1000);
    log("set the length of " + name + " to " + size);
    try (RandomAccessFile file = new RandomAccessFile(path(name).toFile(), "rw")) {
      file.setLength(size);
    }
    model.get(name).resize(size);
  }

  private void rename() throws IOException {
    String from = anyName();
    String to = anyName();
    log("rename " + from + " to " + to);
    if (model.exists(from)) {
      Files.move(path(from), path(to), StandardCopyOption.ATOMIC_MOVE);
      model.rename(from, to);
    } else {
      assertThatThrownBy(() -> Files.move(path(from), path(to), StandardCopyOption.ATOMIC_MOVE))
          .isInstanceOf(NoSuchFileException.class);
    }
  }

  private void remove() throws IOException {
    String name = anyName();
    log("remove " + name);
    assertThat(Files.deleteIfExists(path(name))).as(name).isEqualTo(model.exists(name));
    model.remove(name);
  }

  private void compareSize() throws IOException {
    String name = anyName();
    log("size of " + name);
    assertThat(Files.exists(path(name))).as(name).isEqualTo(model.exists(name));
    if (model.exists(name)) {
      assertThat(Files.size(path(name))).as(name).isEqualTo(model.get(name).size());
    }
  }

  private void force() throws IOException {
    Handle handle = anyHandle();
    if (handle != null) {
      log("fsync " + handle.name());
      handle.channel().force(true);
    }
  }

  private void compareListing() throws IOException {
    log("list");
    for (String directory : List.of("", "d", "e.d")) {
      String prefix = directory.isEmpty() ? "" : directory + "/";
      try (var paths = Files.list(root.resolve(directory))) {
        assertThat(paths.map(path -> prefix + path.getFileName()))
            .filteredOn(name -> !DIRECTORIES.contains(name))
            .containsExactlyInAnyOrderElementsOf(
                model.names().stream()
                    .filter(name -> name.substring(0, name.lastIndexOf('/') + 1).equals(prefix))
                    .toList());
      }
    }
  }

  private Handle anyHandle() {
    return handles.isEmpty() ? null : handles.get(random.nextInt(handles.size()));
  }

  private String anyName() {
    return NAMES.get(random.nextInt(NAMES.size()));
  }

  private int anyOffset(FileModel.File file) {
    return random.nextInt(4) == 0
        ? random.nextInt(file.size() + 3000)
        : random.nextInt(file.size() + 1);
  }

  private byte[] anyBytes() {
    int length =
        switch (random.nextInt(10)) {
          case 0 -> random.nextInt(LARGE);
          case 1, 2, 3 -> random.nextInt(10_000);
          default -> random.nextInt(100);
        };
    byte[] bytes = new byte[length];
    random.nextBytes(bytes);
    return bytes;
  }

  private Path path(String name) {
    return root.resolve(name);
  }

  private void log(String step) {
    if (history.size() == REMEMBERED) {
      history.removeFirst();
    }
    history.addLast(step);
  }
}
