package io.redisfuse.frontend.files;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.function.LongSupplier;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What Linux says of processes in {@code /proc} (proc(5)).
 *
 * <p>Whose a thread is, and who started a process, is remembered for a moment, since programs make
 * many calls in a row: too short for a number to become another's, as the kernel gives all others
 * first.
 *
 * <p>Descriptors are compared by the inode in {@code fdinfo}, there since Linux 5.14: to stat a
 * descriptor would come back to the mount that is asking.
 */
public final class ProcFileSystem implements Processes {

  private static final Logger log = LoggerFactory.getLogger(ProcFileSystem.class);

  private static final long MEMORY_NANOS = Duration.ofMillis(50).toNanos();
  private static final int MOST_REMEMBERED = 1_000;

  /** Of the fields of {@code /proc/PID/stat} after the name, which is in parentheses. */
  private static final int STATE = 0;

  private static final int PARENT = 1;
  private static final int STARTED = 19;

  /** Of the flags of a descriptor, those for what it was opened (open(2)); 0 is reading only. */
  private static final int ACCESS_MODE = 03;

  private record Remembered(Optional<ProcessId> process, long since) {}

  private final Path proc;
  private final LongSupplier nanoTime;
  private final Map<Integer, Remembered> threads = new ConcurrentHashMap<>();
  private final Map<ProcessId, Remembered> parents = new ConcurrentHashMap<>();

  public ProcFileSystem() {
    this(Path.of("/proc"), System::nanoTime);
  }

  ProcFileSystem(Path proc, LongSupplier nanoTime) {
    this.proc = proc;
    this.nanoTime = nanoTime;
  }

  @Override
  public Optional<ProcessId> of(int thread) {
    if (thread <= 0) {
      return Optional.empty();
    }
    return remembered(threads, thread, this::look);
  }

  private <K> Optional<ProcessId> remembered(
      Map<K, Remembered> memory, K key, Function<K, Optional<ProcessId>> look) {
    long now = nanoTime.getAsLong();
    Remembered known = memory.get(key);
    if (known != null && now - known.since() < MEMORY_NANOS) {
      return known.process();
    }
    if (memory.size() >= MOST_REMEMBERED) {
      memory.clear();
    }
    Optional<ProcessId> process = look.apply(key);
    if (process.isPresent()) {
      memory.put(key, new Remembered(process, now));
    }
    return process;
  }

  private Optional<ProcessId> look(int thread) {
    String group = field(directory(thread).resolve("status"), "Tgid:");
    return group.isEmpty() ? Optional.empty() : identify(group);
  }

  private Optional<ProcessId> identify(String number) {
    try {
      int process = Integer.parseInt(number);
      String[] stat = stat(process);
      return stat.length > STARTED
          ? Optional.of(new ProcessId(process, Long.parseLong(stat[STARTED])))
          : Optional.empty();
    } catch (NumberFormatException e) {
      log.debug("The process {} is described in an unknown way.", number, e);
      return Optional.empty();
    }
  }

  @Override
  public boolean isAlive(ProcessId process) {
    String[] stat = stat(process.number());
    return stat.length > STARTED
        && stat[STARTED].equals(Long.toString(process.started()))
        && !stat[STATE].equals("Z")
        && !stat[STATE].equals("X");
  }

  @Override
  public Optional<ProcessId> parentOf(ProcessId process) {
    return remembered(parents, process, this::lookForParent);
  }

  private Optional<ProcessId> lookForParent(ProcessId process) {
    String[] stat = stat(process.number());
    return stat.length > STARTED
            && stat[STARTED].equals(Long.toString(process.started()))
            && !stat[PARENT].equals("0")
        ? identify(stat[PARENT])
        : Optional.empty();
  }

  @Override
  public String programOf(ProcessId process) {
    try {
      return Files.readString(directory(process.number()).resolve("comm"), ISO_8859_1).strip();
    } catch (IOException | UncheckedIOException e) {
      log.trace("The process {} has gone.", process, e);
      return "";
    }
  }

  @Override
  public boolean hasOpen(ProcessId process, long inode) {
    Path descriptors = directory(process.number()).resolve("fdinfo");
    String wanted = Long.toUnsignedString(inode);
    try (DirectoryStream<Path> open = Files.newDirectoryStream(descriptors)) {
      for (Path descriptor : open) {
        if (wanted.equals(field(descriptor, "ino:"))) {
          return true;
        }
      }
    } catch (IOException | DirectoryIteratorException e) {
      log.trace("The process {} has gone, or is another user's.", process, e);
    }
    return false;
  }

  @Override
  public boolean isWriting(ProcessId process, Predicate<String> name) {
    Path descriptors = directory(process.number()).resolve("fd");
    try (DirectoryStream<Path> open = Files.newDirectoryStream(descriptors)) {
      for (Path descriptor : open) {
        if (name.test(nameOf(descriptor)) && writes(process, descriptor)) {
          return true;
        }
      }
    } catch (IOException | DirectoryIteratorException e) {
      log.trace("The process {} has gone, or is another user's.", process, e);
    }
    return false;
  }

  /** What is open, without its directory; nothing if it has just been closed. */
  private static String nameOf(Path descriptor) {
    try {
      Path file = Files.readSymbolicLink(descriptor).getFileName();
      return file == null ? "" : file.toString();
    } catch (IOException e) {
      log.trace("{} has been closed.", descriptor, e);
      return "";
    }
  }

  private boolean writes(ProcessId process, Path descriptor) {
    Path info = directory(process.number()).resolve("fdinfo").resolve(descriptor.getFileName());
    String flags = field(info, "flags:");
    try {
      return !flags.isEmpty() && (Integer.parseInt(flags, 8) & ACCESS_MODE) != 0;
    } catch (NumberFormatException e) {
      log.debug("{} has flags that are no number: {}", info, flags, e);
      return false;
    }
  }

  private Path directory(int process) {
    return proc.resolve(Integer.toString(process));
  }

  /** The fields after the name, which may hold spaces and parentheses; none if it has gone. */
  private String[] stat(int process) {
    try {
      String line = Files.readString(directory(process).resolve("stat"), ISO_8859_1);
      return line.substring(line.lastIndexOf(')') + 1).strip().split(" ", -1);
    } catch (IOException | UncheckedIOException e) {
      log.trace("The process {} has gone.", process, e);
      return new String[0];
    }
  }

  /** The value of a field of a file of {@code name: value} lines, or nothing. */
  private static String field(Path file, String name) {
    try (var lines = Files.lines(file, ISO_8859_1)) {
      return lines
          .filter(line -> line.startsWith(name))
          .findFirst()
          .map(line -> line.substring(name.length()).strip())
          .orElse("");
    } catch (IOException | UncheckedIOException e) {
      log.trace("{} has gone.", file, e);
      return "";
    }
  }
}
