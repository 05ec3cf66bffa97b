package io.redisfuse.daemon;

import io.redisfuse.api.Backend;
import io.redisfuse.api.BackendException;
import io.redisfuse.api.Bytes;
import io.redisfuse.api.Version;
import io.redisfuse.api.WrongTypeException;
import io.redisfuse.frontend.conflicts.KeptText;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.util.List;
import java.util.Optional;

/** Shows what would change if a kept text were saved over what its cell holds now. */
final class ConflictDiff {

  /** Of larger texts, lines are not compared. */
  private static final long LONGEST = 4L << 20;

  private static final Bytes NUL = Bytes.wrap(new byte[] {0});
  private static final Bytes NEWLINE = Bytes.utf8("\n");

  private final PrintWriter out;
  private final PrintWriter notes;
  private final Ink ink;

  /**
   * Shows differences.
   *
   * @param out where the diff goes
   * @param notes where what a person should know beside it goes
   */
  ConflictDiff(PrintWriter out, PrintWriter notes, Ink ink) {
    this.out = out;
    this.notes = notes;
    this.ink = ink;
  }

  /** How a diff is printed. */
  enum Ink {
    PLAIN,
    COLOURED;

    private String of(String line) {
      return switch (this) {
        case PLAIN -> line;
        case COLOURED -> coloured(line);
      };
    }

    private static String coloured(String line) {
      String code =
          switch (line.isEmpty() ? ' ' : line.charAt(0)) {
            case '+' -> line.startsWith("+++ ") ? "1" : "32";
            case '-' -> line.startsWith("--- ") ? "1" : "31";
            case '@' -> "36";
            default -> "";
          };
      return code.isEmpty() ? line : "\033[" + code + "m" + line + "\033[m";
    }
  }

  /**
   * Shows one text beside what the backend holds.
   *
   * @throws StartException if the cell cannot be read
   */
  void show(KeptText text, Backend backend) throws StartException, IOException {
    try (Comparison comparison = new Comparison(text.file(), LONGEST)) {
      Version now = read(text, backend, comparison);
      show(text, now, comparison);
      out.flush();
      note(text, now, comparison);
    }
  }

  private void show(KeptText text, Version now, Comparison comparison) throws IOException {
    Optional<Bytes> before = comparison.content();
    if (before.isPresent() && text.size() <= LONGEST) {
      Bytes kept = Bytes.wrap(Files.readAllBytes(text.file()));
      Bytes after = text.isAppended() ? before.get().concat(kept) : kept;
      if (hasLines(before.get()) && hasLines(after)) {
        String where = Legible.of(text.cell());
        List<String> diff =
            TextDiff.of(
                where + (now.isAbsent() ? " (deleted)" : " (now)"),
                before.get(),
                where + " (kept as " + text.id() + ")",
                after);
        diff.forEach(line -> out.print(ink.of(line) + "\n"));
        return;
      }
    }
    out.print(inSizes(text, now, comparison) + "\n");
  }

  /** Words for what cannot be compared by lines. */
  private static String inSizes(KeptText text, Version now, Comparison comparison) {
    String where = "The " + Legible.of(text.cell());
    String held = now.isAbsent() ? " is deleted" : " holds " + comparison.size() + " bytes now";
    if (text.isAppended()) {
      return where + held + "; " + text.size() + " bytes are kept that were to be appended.";
    }
    String kept = "; " + text.size() + " bytes are kept";
    return comparison.firstDifference().isEmpty() && !now.isAbsent()
        ? where + held + ", the same as are kept."
        : where
            + held
            + kept
            + (now.isAbsent()
                ? "."
                : "; they differ from offset " + comparison.firstDifference().getAsLong() + " on.");
  }

  private void note(KeptText text, Version now, Comparison comparison) {
    String id = text.id();
    if (text.isAppended()) {
      if (endsWith(comparison, text)) {
        notes.println(
            "It ends with the kept text already; if that is yours, `redisfuse-daemon conflicts drop "
                + id
                + "`.");
      }
    } else if (comparison.firstDifference().isEmpty() && !now.isAbsent()) {
      notes.println("They are the same: `redisfuse-daemon conflicts drop " + id + "`.");
    } else if (!KeptTextSave.knew(text, now)) {
      notes.println(
          "That is neither what the text was rejected by nor what it was made from: to save it"
              + " nonetheless, `redisfuse-daemon conflicts apply --onto-current "
              + id
              + "`.");
    }
    notes.flush();
  }

  private static boolean endsWith(Comparison comparison, KeptText text) {
    try {
      Optional<Bytes> content = comparison.content();
      return content.isPresent()
          && text.size() > 0
          && text.size() <= content.get().length()
          && content.get().endsWith(Bytes.wrap(Files.readAllBytes(text.file())));
    } catch (IOException e) {
      return false;
    }
  }

  private static Version read(KeptText text, Backend backend, Comparison comparison)
      throws StartException, IOException {
    try {
      return backend.read(text.cell(), comparison).orElse(Version.ABSENT);
    } catch (WrongTypeException e) {
      throw KeptTextSave.wrongType(text, e);
    } catch (BackendException e) {
      throw StartException.failure(e.getMessage(), e);
    }
  }

  /** Not if it is binary: then lines say nothing to a person. */
  private static boolean hasLines(Bytes text) {
    return text.indexOf(NUL, 0) < 0 && (text.indexOf(NEWLINE, 0) >= 0 || Legible.isUtf8(text));
  }
}
