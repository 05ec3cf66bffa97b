package io.redisfuse.daemon;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import com.github.difflib.DiffUtils;
import com.github.difflib.UnifiedDiffUtils;
import com.github.difflib.algorithm.DiffAlgorithmListener;
import com.github.difflib.patch.ChangeDelta;
import com.github.difflib.patch.Chunk;
import com.github.difflib.patch.Patch;
import io.redisfuse.api.Bytes;
import java.util.ArrayList;
import java.util.List;

/**
 * What differs between two texts, line by line, in the form that {@code patch} knows. Lines are
 * compared as bytes and shown as {@link Legible} says.
 *
 * <p>The search takes time for all lines times those that differ, and memory for the latter
 * squared. Where these are too many, all from the first to the last of them are shown as one
 * change.
 */
final class TextDiff {

  private static final int CONTEXT = 3;
  private static final int MOST_LINES = 3_000;
  private static final String NO_NEWLINE = "\\ No newline at end of file";

  private TextDiff() {}

  /** The lines of the diff, the names of both texts first; none if the texts are equal. */
  static List<String> of(String oldName, Bytes oldText, String newName, Bytes newText) {
    List<String> before = lines(oldText);
    List<String> after = lines(newText);
    List<String> shown = new ArrayList<>();
    for (String line :
        UnifiedDiffUtils.generateUnifiedDiff(
            oldName, newName, before, patch(before, after), CONTEXT)) {
      if (shown.size() < 2) {
        shown.add(line);
      } else if (line.startsWith("@@")) {
        // The library begins to count at 1 also where there is no line.
        shown.add(line.replaceFirst("-1,0 ", "-0,0 ").replaceFirst("\\+1,0 ", "+0,0 "));
      } else {
        shown.add(line.charAt(0) + readable(line.substring(1)));
        if (!line.endsWith("\n")) {
          shown.add(NO_NEWLINE);
        }
      }
    }
    return shown;
  }

  private static Patch<String> patch(List<String> before, List<String> after) {
    try {
      return DiffUtils.diff(before, after, new Patience());
    } catch (TooDifferentException e) {
      return oneChange(before, after);
    }
  }

  /** From the first line that differs to the last one. */
  private static Patch<String> oneChange(List<String> before, List<String> after) {
    int shorter = Math.min(before.size(), after.size());
    int head = 0;
    while (head < shorter && before.get(head).equals(after.get(head))) {
      head++;
    }
    int tail = 0;
    while (tail < shorter - head
        && before.get(before.size() - 1 - tail).equals(after.get(after.size() - 1 - tail))) {
      tail++;
    }
    Patch<String> patch = new Patch<>();
    patch.addDelta(
        new ChangeDelta<>(
            new Chunk<>(head, before.subList(head, before.size() - tail)),
            new Chunk<>(head, after.subList(head, after.size() - tail))));
    return patch;
  }

  /** Ends the search when more lines differ than it has time and memory for. */
  private static final class Patience implements DiffAlgorithmListener {

    @Override
    public void diffStart() {
      // The steps tell enough.
    }

    @Override
    public void diffStep(int differing, int all) {
      if (differing > MOST_LINES) {
        throw new TooDifferentException();
      }
    }

    @Override
    public void diffEnd() {
      // The steps tell enough.
    }
  }

  /** More lines differ than there is patience for. */
  private static final class TooDifferentException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    TooDifferentException() {
      super(
          "more than " + MOST_LINES + " lines differ",
          /* cause= */ null,
          /* enableSuppression= */ false,
          /* writableStackTrace= */ false);
    }
  }

  /** The lines with their ends, each byte as one character. */
  private static List<String> lines(Bytes text) {
    List<String> lines = new ArrayList<>();
    Bytes end = Bytes.utf8("\n");
    for (int start = 0; start < text.length(); ) {
      int newline = text.indexOf(end, start);
      int next = newline < 0 ? text.length() : newline + 1;
      lines.add(new String(text.unsafeArray(), start, next - start, ISO_8859_1));
      start = next;
    }
    return lines;
  }

  private static String readable(String line) {
    String text = line.endsWith("\n") ? line.substring(0, line.length() - 1) : line;
    return Legible.line(Bytes.wrap(text.getBytes(ISO_8859_1)));
  }
}
