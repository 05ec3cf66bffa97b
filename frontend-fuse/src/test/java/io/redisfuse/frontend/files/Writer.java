package io.redisfuse.frontend.files;

import static io.redisfuse.frontend.files.OpenMode.Flag.EXCLUSIVE;
import static io.redisfuse.frontend.files.OpenMode.Flag.READ;
import static io.redisfuse.frontend.files.OpenMode.Flag.TRUNCATE;
import static io.redisfuse.frontend.files.OpenMode.Flag.WRITE;
import static org.assertj.core.api.Assertions.assertThat;

import io.redisfuse.frontend.files.InterleavedSavesTest.Way;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Random;

/** A process that adds items to a list, one call at a time, and begins again after an error. */
final class Writer {

  private final Program program;
  private final int number;
  private final String path;
  private final Random random;
  private final List<Way> ways;
  private final List<String> log;

  /** Items whose saves succeeded. */
  final List<String> saved = new ArrayList<>();

  /** Items whose saves failed. */
  final List<String> rejected = new ArrayList<>();

  private final Deque<Call> calls = new ArrayDeque<>();
  private final List<Long> open = new ArrayList<>();
  private final List<String> temporaries = new ArrayList<>();
  private int items;
  private String item;
  private String read;
  private long source;
  private long target;

  private record Call(String name, Runnable action) {}

  Writer(
      Program program, int number, String path, Random random, List<Way> ways, List<String> log) {
    this.program = program;
    this.number = number;
    this.path = path;
    this.random = random;
    this.ways = ways;
    this.log = log;
  }

  /** Makes the next call. */
  void call() {
    if (calls.isEmpty()) {
      begin(ways.get(random.nextInt(ways.size())));
    }
    Call call = calls.remove();
    log.add(number + " " + call.name());
    try {
      call.action().run();
    } catch (FsException e) {
      log.add(number + " is told " + e.error());
      assertThat(e.error())
          .as("%s", log)
          .isIn(FsError.CONFLICT, FsError.STALE, FsError.NO_ENTRY, FsError.EXISTS);
      if (call.name().equals("commits")) {
        rejected.add(item);
      }
      giveUp();
    }
  }

  /** Ends what it has begun. */
  void finish() {
    while (!calls.isEmpty()) {
      call();
    }
  }

  private void giveUp() {
    calls.clear();
    for (long handle : open) {
      attempt(() -> program.flush(handle));
      attempt(() -> program.close(handle));
    }
    open.clear();
    temporaries.forEach(temporary -> attempt(() -> program.rm(temporary)));
    temporaries.clear();
  }

  private static void attempt(Runnable action) {
    try {
      action.run();
    } catch (FsException e) {
      // It has been told already.
    }
  }

  private void begin(Way way) {
    item = number + "." + ++items;
    log.add(number + " begins " + way + " of " + item);
    switch (way) {
      case TRUNCATING -> truncate(false);
      case TRUNCATING_AND_SYNCING -> truncate(true);
      case IN_PLACE -> inPlace();
      case THROUGH_ONE_HANDLE -> throughOneHandle();
      case RENAMING_SCRATCH -> rename("tmp" + number + "~", TRUNCATE, true);
      case RENAMING -> rename("tmp-" + number, TRUNCATE, true);
      case SED -> rename("sedABC12" + number, EXCLUSIVE, false);
      case VIM_COPYING -> copyAndTruncate();
      case VIM_RENAMING -> renameAwayAndMake();
      case PERL -> unlinkAndMake();
    }
  }

  private void add(String name, Runnable action) {
    calls.add(new Call(name, action));
  }

  private void readFirst() {
    openToRead();
    add("closes", () -> close(source));
  }

  private void openToRead() {
    add("opens to read", () -> source = opened(program.open(path, READ)));
    add("reads", () -> take(program.read(source)));
  }

  private void take(String text) {
    read = text;
    if (!text.matches("0;([0-9r]+\\.\\d+;)*")) {
      giveUp();
    }
  }

  private void truncate(boolean sync) {
    readFirst();
    write(path, TRUNCATE);
    if (sync) {
      add("commits", () -> program.fsync(target));
      add("closes", () -> close(target));
    } else {
      commitByClose();
    }
    add("is done", () -> saved.add(item));
  }

  private void inPlace() {
    readFirst();
    add("opens to write", () -> target = opened(program.open(path, READ, WRITE)));
    add("writes", () -> program.write(target, 0, text()));
    add("cuts", () -> program.truncate(program.node(path), target, text().length()));
    commitByClose();
    add("is done", () -> saved.add(item));
  }

  private void throughOneHandle() {
    add("opens", () -> target = opened(program.open(path, READ, WRITE)));
    add("reads", () -> take(program.read(target)));
    add("writes", () -> program.write(target, read.length(), item + ";"));
    commitByClose();
    add("is done", () -> saved.add(item));
  }

  private void rename(String temporary, OpenMode.Flag flag, boolean closesFirst) {
    if (closesFirst) {
      readFirst();
    } else {
      openToRead();
    }
    add("makes a temporary file", () -> temporaries.add(temporary));
    write(temporary, flag);
    add("closes", () -> close(target));
    if (!closesFirst) {
      add("closes", () -> close(source));
    }
    add("commits", () -> program.mv(temporary, path));
    add("is done", this::renamed);
  }

  private void renamed() {
    temporaries.clear();
    saved.add(item);
  }

  private void copyAndTruncate() {
    readFirst();
    add("opens to copy", () -> source = opened(program.open(path, READ)));
    add("removes the old backup", () -> attempt(() -> program.rm(path + "~")));
    add("makes a backup", () -> target = opened(program.create(path + "~", WRITE, TRUNCATE)));
    add("copies", () -> program.write(target, 0, program.read(source)));
    add("closes", () -> close(target));
    add("closes", () -> close(source));
    write(path, TRUNCATE);
    commitByClose();
    add("is done", () -> saved.add(item));
  }

  private void renameAwayAndMake() {
    readFirst();
    add("renames to the backup", () -> program.mv(path, path + number + "~"));
    write(path, TRUNCATE);
    add("commits", () -> program.fsync(target));
    add("closes", () -> close(target));
    add("is done", () -> saved.add(item));
  }

  private void unlinkAndMake() {
    openToRead();
    add("unlinks", () -> program.rm(path));
    write(path, TRUNCATE);
    commitByClose();
    add("closes", () -> close(source));
    add("is done", () -> saved.add(item));
  }

  private void write(String file, OpenMode.Flag flag) {
    add("opens to write", () -> target = opened(program.create(file, WRITE, flag)));
    add("writes the first half", () -> program.write(target, 0, text().substring(0, half())));
    add("writes the rest", () -> program.write(target, half(), text().substring(half())));
  }

  private void commitByClose() {
    add("commits", () -> program.flush(target));
    add("closes", () -> close(target));
  }

  private String text() {
    return read + item + ";";
  }

  private int half() {
    return text().length() / 2;
  }

  private long opened(long handle) {
    open.add(handle);
    return handle;
  }

  private void close(long handle) {
    open.remove(handle);
    program.close(handle);
  }
}
