package io.redisfuse.frontend.files;

import io.redisfuse.api.Cell;
import io.redisfuse.api.Version;
import io.redisfuse.frontend.conflicts.KeptText;
import io.redisfuse.frontend.conflicts.KeptTexts;
import io.redisfuse.frontend.conflicts.Reason;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;
import java.util.Optional;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps, on this machine, what could not be saved and what was overwritten, so that nobody's text
 * is lost. Safe for threads.
 */
final class RejectedContents {

  private static final Logger log = LoggerFactory.getLogger(RejectedContents.class);
  private static final int PART = 1 << 20;

  private final KeptTexts texts;
  private final String source;

  /** Hears of every text that is kept. */
  private volatile Consumer<KeptText> listener = text -> {};

  /**
   * @param source the server and database, without secrets
   */
  RejectedContents(KeptTexts texts, String source) {
    this.texts = texts;
    this.source = source;
  }

  void tell(Consumer<KeptText> keptListener) {
    listener = keptListener;
  }

  KeptTexts texts() {
    return texts;
  }

  String source() {
    return source;
  }

  /**
   * Keeps a text that was not saved, and says in words where; says so too if that failed. Never
   * throws.
   *
   * @param process who was saving
   * @param why a sentence
   */
  String keep(
      Cell cell,
      Content content,
      Reason reason,
      Optional<Version> expected,
      Optional<Version> found,
      String process,
      String why) {
    try {
      KeptText kept =
          texts.keep(
              source, cell, reason, expected, found, process, why, out -> write(content, out));
      log.warn(
          "What {} was to save in the {} was not saved and is kept as {} (expected {}{}):" + " {}",
          process.isEmpty() ? "a process" : process,
          cell,
          kept.id(),
          expected.map(Version::toString).orElse("anything"),
          found(reason, found),
          why);
      listener.accept(kept);
      return "the text is kept: see `redisfuse-daemon conflicts show " + kept.id() + "`";
    } catch (IOException | RuntimeException e) {
      log.error(
          "What was to be saved in the {} was not saved and could not be kept in {} ({}): {}",
          cell,
          texts.directory(),
          e.getMessage(),
          why);
      return "the text could not be kept in " + texts.directory() + " (" + e.getMessage() + ")";
    }
  }

  /** What was there instead; where nothing could be saved at all, nobody has looked. */
  private static String found(Reason reason, Optional<Version> found) {
    return switch (reason) {
      case REJECTED, OVERWRITTEN ->
          ", found " + found.map(Version::toString).orElse("something else");
      case UNCERTAIN, UNSAVED -> found.map(version -> ", found " + version).orElse("");
    };
  }

  /**
   * Keeps the version that is about to be overwritten.
   *
   * @throws FsException if that is not possible, so that it must not be overwritten
   */
  KeptText keepOverwritten(Cell cell, Content content, Version version, String process) {
    try {
      KeptText kept =
          texts.keep(
              source,
              cell,
              Reason.OVERWRITTEN,
              Optional.empty(),
              Optional.of(version),
              process,
              "It was overwritten by a process that had been told of it.",
              out -> write(content, out));
      log.warn(
          "{} overwrites version {} of the {}, of which it was told; that is kept as {}.",
          process.isEmpty() ? "A process" : process,
          version,
          cell,
          kept.id());
      listener.accept(kept);
      return kept;
    } catch (IOException e) {
      throw new FsException(
          FsError.IO,
          "The "
              + cell
              + " was not overwritten, since what it holds could not be kept in "
              + texts.directory()
              + ": "
              + e.getMessage()
              + "; make room there and save again.",
          e);
    }
  }

  /** It was not overwritten after all. */
  void drop(KeptText text) {
    try {
      texts.drop(text);
    } catch (IOException e) {
      log.warn("The kept text {} was not needed, but cannot be removed.", text.id(), e);
    }
  }

  private static void write(Content content, SeekableByteChannel channel) throws IOException {
    ByteBuffer part = ByteBuffer.allocate((int) Math.min(PART, content.size()));
    for (long at = 0; at < content.size(); at += part.limit()) {
      part.clear();
      content.read(at, part);
      part.flip();
      while (part.hasRemaining()) {
        channel.write(part);
      }
    }
  }
}
