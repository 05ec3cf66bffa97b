package io.redisfuse.frontend.conflicts;

import io.redisfuse.api.Cell;
import io.redisfuse.api.Version;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The kept texts of one user on this machine, in a directory that nobody else may enter: of each
 * text a file {@code ID.text} with the text as it is and a file {@code ID.record} with what is
 * known of it.
 *
 * <p>Safe for any number of threads and processes. A text is there, whole and on the disk, from the
 * moment {@link #keep} returns, and nobody sees it before it is whole: both files are written under
 * another name, {@code .NAME.part}, forced to the disk and renamed, the text first, so that a
 * record always has its text. A process that dies in between leaves a part, or a text without a
 * record; parts that are a day old are removed when the next text is kept.
 */
public final class KeptTexts {

  private static final Logger log = LoggerFactory.getLogger(KeptTexts.class);

  private static final String TEXT = ".text";
  private static final String RECORD = ".record";
  private static final String PART = ".part";
  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("uuuuMMdd'T'HHmmssSSS'Z'", Locale.ROOT).withZone(ZoneOffset.UTC);
  private static final Pattern ID = Pattern.compile("\\d{8}T\\d{9}Z-\\d{3,9}");
  private static final Duration LIFE_OF_A_PART = Duration.ofDays(1);

  private static final FileAttribute<Set<PosixFilePermission>> OWNERS_DIRECTORY =
      PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"));
  private static final FileAttribute<Set<PosixFilePermission>> OWNERS_FILE =
      PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));

  private final Path directory;
  private final InstantSource clock;

  /** The records that the log has a line about. */
  private final Set<Path> damaged = ConcurrentHashMap.newKeySet();

  /**
   * The texts that are kept in a directory.
   *
   * @param directory made when it is first needed
   */
  public KeptTexts(Path directory, InstantSource clock) {
    this.directory = directory;
    this.clock = clock;
  }

  /** Writes a text. */
  @FunctionalInterface
  public interface Writer {

    /**
     * Writes the whole text to a file, which is empty; may truncate it and begin again. Leaves the
     * channel open.
     */
    void writeTo(SeekableByteChannel out) throws IOException;
  }

  /** Where the texts are; perhaps not there yet. */
  public Path directory() {
    return directory;
  }

  /**
   * Keeps a text, as of now. When it returns, the text survives a loss of power. The parameters are
   * the components of {@link KeptText}.
   *
   * @throws IOException if that is not possible, as the disk is full, or what the writer threw;
   *     then nothing is kept
   */
  public KeptText keep(
      String source,
      Cell cell,
      Reason reason,
      Optional<Version> expected,
      Optional<Version> found,
      String process,
      String why,
      Writer content)
      throws IOException {
    Files.createDirectories(directory, OWNERS_DIRECTORY);
    removeOldParts();
    Instant now = clock.instant().truncatedTo(ChronoUnit.MILLIS);
    String id = claim(now);
    Path text = file(id, TEXT);
    long size = write(part(text), text, content);
    KeptText kept =
        new KeptText(id, now, source, cell, reason, expected, found, process, why, text, size);
    boolean recorded = false;
    try {
      writeRecord(kept);
      recorded = true;
      return kept;
    } finally {
      if (!recorded) {
        drop(kept);
      }
    }
  }

  /**
   * All kept texts, oldest first. A damaged record is left out; the log says so, once, and the
   * files stay.
   */
  public List<KeptText> list() throws IOException {
    List<KeptText> texts = new ArrayList<>();
    try (DirectoryStream<Path> records = Files.newDirectoryStream(directory, "*" + RECORD)) {
      for (Path record : records) {
        String name = record.getFileName().toString();
        find(name.substring(0, name.length() - RECORD.length())).ifPresent(texts::add);
      }
    } catch (NoSuchFileException e) {
      log.trace("Nothing was ever kept in {}.", directory, e);
    } catch (DirectoryIteratorException e) {
      throw e.getCause();
    }
    texts.sort(Comparator.comparing(KeptText::id));
    return texts;
  }

  /** The kept text with this id, the whole of it; empty also if its record is damaged. */
  public Optional<KeptText> find(String id) throws IOException {
    if (!ID.matcher(id).matches()) {
      return Optional.empty();
    }
    Path record = file(id, RECORD);
    try {
      KeptText text = KeptRecord.decode(id, file(id, TEXT), Files.readAllBytes(record));
      requireWhole(text);
      return Optional.of(text);
    } catch (NoSuchFileException e) {
      if (Files.exists(record)) {
        reportDamaged(record, "the text that belongs to it is gone");
      }
      return Optional.empty();
    } catch (IllegalArgumentException e) {
      reportDamaged(record, e.getMessage());
      return Optional.empty();
    }
  }

  /** Removes a kept text for good. Does nothing if it is gone. */
  public void drop(KeptText text) throws IOException {
    Files.deleteIfExists(file(text.id(), RECORD));
    Files.deleteIfExists(file(text.id(), TEXT));
  }

  /** Takes an id that nobody has, by making the part of its text. */
  private String claim(Instant now) throws IOException {
    for (int n = 0; ; n++) {
      String id = String.format(Locale.ROOT, "%s-%03d", TIME.format(now), n);
      Path part = part(file(id, TEXT));
      try {
        Files.createFile(part, OWNERS_FILE);
      } catch (FileAlreadyExistsException e) {
        log.trace("Another text is just being kept as {}.", id, e);
        continue;
      }
      // Whoever had the part before has renamed it: so the text is to be seen by now.
      if (!Files.exists(file(id, TEXT)) && !Files.exists(file(id, RECORD))) {
        return id;
      }
      Files.delete(part);
    }
  }

  private void writeRecord(KeptText text) throws IOException {
    Path record = file(text.id(), RECORD);
    Path part = Files.createFile(part(record), OWNERS_FILE);
    ByteBuffer encoded = ByteBuffer.wrap(KeptRecord.encode(text));
    write(
        part,
        record,
        out -> {
          while (encoded.hasRemaining()) {
            out.write(encoded);
          }
        });
    try (FileChannel entries = FileChannel.open(directory, StandardOpenOption.READ)) {
      entries.force(true);
    }
  }

  /** Writes a file that is seen when it is whole; returns its size. The part goes in any case. */
  private static long write(Path part, Path file, Writer content) throws IOException {
    boolean whole = false;
    try {
      long size;
      try (FileChannel channel = FileChannel.open(part, StandardOpenOption.WRITE)) {
        content.writeTo(channel);
        channel.force(true);
        size = channel.size();
      }
      Files.move(part, file, StandardCopyOption.ATOMIC_MOVE);
      whole = true;
      return size;
    } finally {
      // After the rename the part's name may be somebody else's.
      if (!whole) {
        Files.deleteIfExists(part);
      }
    }
  }

  private static void requireWhole(KeptText text) throws IOException {
    long there = Files.size(text.file());
    if (there != text.size()) {
      throw new IllegalArgumentException(
          "its text has " + there + " bytes where it should have " + text.size());
    }
  }

  private void reportDamaged(Path record, String why) {
    if (damaged.add(record)) {
      log.warn("The record of a kept text, {}, is damaged and left out: {}.", record, why);
    }
  }

  /** What dead processes left. It is no reason not to keep a text if that cannot be removed. */
  private void removeOldParts() {
    Instant oldest = clock.instant().minus(LIFE_OF_A_PART);
    try (DirectoryStream<Path> parts = Files.newDirectoryStream(directory, ".*" + PART)) {
      for (Path part : parts) {
        if (isOlder(part, oldest)) {
          Files.deleteIfExists(part);
          log.debug("Removed {}, which was never finished.", part);
        }
      }
    } catch (IOException | DirectoryIteratorException e) {
      log.warn("What was left unfinished in {} cannot be removed.", directory, e);
    }
  }

  private static boolean isOlder(Path part, Instant oldest) throws IOException {
    try {
      return Files.getLastModifiedTime(part).compareTo(FileTime.from(oldest)) < 0;
    } catch (NoSuchFileException e) {
      log.trace("{} is finished by now.", part, e);
      return false;
    }
  }

  private Path file(String id, String kind) {
    return directory.resolve(id + kind);
  }

  private static Path part(Path file) {
    return file.resolveSibling("." + file.getFileName() + PART);
  }
}
