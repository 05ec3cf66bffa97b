package io.redisfuse.daemon;

import io.redisfuse.api.Backend;
import io.redisfuse.api.BackendException;
import io.redisfuse.api.Bytes;
import io.redisfuse.api.Cell;
import io.redisfuse.api.Change;
import io.redisfuse.api.ConflictException;
import io.redisfuse.api.ContentSink;
import io.redisfuse.api.OutcomeUnknownException;
import io.redisfuse.api.Transaction;
import io.redisfuse.api.Version;
import io.redisfuse.api.WrongTypeException;
import io.redisfuse.frontend.conflicts.KeptText;
import io.redisfuse.frontend.conflicts.KeptTexts;
import io.redisfuse.frontend.conflicts.Reason;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.Files;
import java.util.Locale;
import java.util.Optional;

/**
 * Saves a kept text where it belongs, unless the cell holds another version than the one that the
 * person has seen. What the text replaces is kept in its place, before it is replaced; then the
 * text is dropped.
 */
final class KeptTextSave {

  /** What a value may be at most in Redis is far below. */
  private static final long LONGEST = Integer.MAX_VALUE - 16;

  private final KeptTexts texts;

  KeptTextSave(KeptTexts texts) {
    this.texts = texts;
  }

  /** Which version of the cell a text may replace. */
  enum Onto {
    /** The one that it was rejected by, or the one that it was made from. */
    KNOWN,
    /** The one that is there when the command begins. */
    CURRENT
  }

  /**
   * Saves a text.
   *
   * @return a sentence that says what was done
   * @throws StartException if it was not saved, or nobody knows; then it is still kept
   */
  String apply(KeptText text, Onto onto, Backend backend) throws StartException, IOException {
    try {
      return tryToApply(text, onto, backend);
    } catch (WrongTypeException e) {
      throw wrongType(text, e);
    } catch (BackendException e) {
      throw StartException.failure(
          "The kept text " + text.id() + " was not saved: " + e.getMessage(), e);
    }
  }

  private String tryToApply(KeptText text, Onto onto, Backend backend)
      throws StartException, IOException {
    Bytes content = content(text);
    Version before = backend.version(text.cell());
    if (!text.isAppended() && before.equals(Version.of(content))) {
      texts.drop(text);
      return where(text) + " holds the kept text " + text.id() + " already.";
    }
    requireSeen(text, onto, before);
    return text.isAppended()
        ? append(text, content, before, backend)
        : replace(text, content, before, backend);
  }

  /** Whether who made the text, or was told that it was rejected, knew of this version. */
  static boolean knew(KeptText text, Version version) {
    return text.found().equals(Optional.of(version))
        || text.expected().equals(Optional.of(version));
  }

  private void requireSeen(KeptText text, Onto onto, Version now) throws StartException {
    if (onto == Onto.CURRENT) {
      return;
    }
    if (text.reason() == Reason.UNCERTAIN) {
      throw lookFirst(text, "It is not known whether the text " + text.id() + " was appended");
    }
    if (!text.isAppended() && !knew(text, now)) {
      throw changed(text);
    }
  }

  private String replace(KeptText text, Bytes content, Version before, Backend backend)
      throws StartException, IOException {
    Version after = Version.of(content);
    Optional<KeptText> overwritten;
    try {
      overwritten =
          before.isAbsent()
              ? Optional.empty()
              : Optional.of(keepOverwritten(text, before, after, backend));
    } catch (ConflictException e) {
      throw changed(text);
    }
    boolean saved = false;
    boolean known = true;
    try {
      commit(text, new Change.Put(text.cell(), content), before, after, backend);
      saved = true;
    } catch (ConflictException e) {
      throw changed(text);
    } catch (OutcomeUnknownException e) {
      known = false;
      throw unknown(text, overwritten, e);
    } finally {
      if (!saved && known && overwritten.isPresent()) {
        texts.drop(overwritten.get());
      }
    }
    drop(text);
    return where(text)
        + " now holds the kept text "
        + text.id()
        + overwritten.map(kept -> "; what it held before is kept as " + kept.id()).orElse("")
        + ".";
  }

  private String append(KeptText text, Bytes content, Version before, Backend backend)
      throws StartException, IOException {
    Version.Digester digester = Version.digester();
    Optional<Version> read = backend.read(text.cell(), digesting(digester));
    digester.update(content.asByteBuffer());
    try {
      if (!read.orElse(Version.ABSENT).equals(before)) {
        throw new ConflictException(text.cell(), before, read.orElse(Version.ABSENT));
      }
      Version after = digester.version();
      commit(text, new Change.Append(text.cell(), content), before, after, backend);
    } catch (ConflictException e) {
      throw StartException.failure(
          where(text)
              + " was changed while the text "
              + text.id()
              + " was being appended; apply it again.",
          e);
    } catch (OutcomeUnknownException e) {
      throw unknown(text, Optional.empty(), e);
    }
    drop(text);
    return "Appended the kept text " + text.id() + " to the " + Legible.of(text.cell()) + ".";
  }

  /** Commits, and finds out by itself what came of it, where that can be. */
  private static void commit(
      KeptText text, Change change, Version before, Version after, Backend backend) {
    Cell cell = text.cell();
    try {
      backend.commit(Transaction.builder().expect(cell, before).change(change).build());
    } catch (OutcomeUnknownException e) {
      Version now;
      try {
        now = backend.version(cell);
      } catch (BackendException again) {
        e.addSuppressed(again);
        throw e;
      }
      if (!now.equals(after)) {
        throw e;
      }
    }
  }

  private KeptText keepOverwritten(KeptText text, Version before, Version after, Backend backend)
      throws IOException {
    return texts.keep(
        text.source(),
        text.cell(),
        Reason.OVERWRITTEN,
        /* expected= */ Optional.empty(),
        Optional.of(after),
        "redisfuse-daemon conflicts (" + ProcessHandle.current().pid() + ")",
        "The kept text " + text.id() + " was applied, which replaced it.",
        out -> {
          Version read = backend.read(text.cell(), writing(out)).orElse(Version.ABSENT);
          if (!read.equals(before)) {
            throw new ConflictException(text.cell(), before, read);
          }
        });
  }

  private void drop(KeptText text) throws StartException {
    try {
      texts.drop(text);
    } catch (IOException e) {
      throw StartException.failure(
          "The kept text "
              + text.id()
              + " was saved, but could not be removed ("
              + e.getMessage()
              + "); remove "
              + text.file()
              + ".",
          e);
    }
  }

  private static Bytes content(KeptText text) throws StartException, IOException {
    if (text.size() > LONGEST) {
      throw StartException.failure(
          "The kept text "
              + text.id()
              + " is larger than a value may be; print it with `redisfuse-daemon conflicts show "
              + text.id()
              + "` and split it.");
    }
    return Bytes.wrap(Files.readAllBytes(text.file()));
  }

  private static ContentSink writing(SeekableByteChannel out) {
    return new ContentSink() {
      @Override
      public void start(long size) throws IOException {
        out.truncate(0);
      }

      @Override
      public void accept(ByteBuffer part) throws IOException {
        while (part.hasRemaining()) {
          out.write(part);
        }
      }
    };
  }

  private static ContentSink digesting(Version.Digester digester) {
    return new ContentSink() {
      @Override
      public void start(long size) {
        // Forgets what came so far.
        digester.version();
      }

      @Override
      public void accept(ByteBuffer part) {
        digester.update(part);
      }
    };
  }

  /** The cell cannot hold a text now. */
  static StartException wrongType(KeptText text, WrongTypeException e) {
    return StartException.failure(
        "The key "
            + Legible.of(text.cell().key())
            + " is a "
            + e.found().name().toLowerCase(Locale.ROOT)
            + " now, which the kept text "
            + text.id()
            + " cannot replace; rename or remove that key, then run `redisfuse-daemon conflicts"
            + " apply --onto-current "
            + text.id()
            + "`.",
        e);
  }

  private static StartException changed(KeptText text) {
    return lookFirst(
        text,
        where(text)
            + " holds neither what the text "
            + text.id()
            + " was rejected by nor what it was made from, so that nothing was saved");
  }

  private static StartException lookFirst(KeptText text, String what) {
    return StartException.failure(
        what
            + "; look at `redisfuse-daemon conflicts diff "
            + text.id()
            + "`, and if that is what you want, run `redisfuse-daemon conflicts apply"
            + " --onto-current "
            + text.id()
            + "`.");
  }

  private static StartException unknown(
      KeptText text, Optional<KeptText> overwritten, OutcomeUnknownException e) {
    return StartException.failure(
        "It is not known whether the kept text "
            + text.id()
            + " was saved ("
            + e.getMessage()
            + "), so it stays"
            + overwritten
                .map(kept -> ", and so does what was there before, " + kept.id())
                .orElse("")
            + "; look at `redisfuse-daemon conflicts diff "
            + text.id()
            + "` when the server answers again.",
        e);
  }

  private static String where(KeptText text) {
    return "The " + Legible.of(text.cell());
  }
}
