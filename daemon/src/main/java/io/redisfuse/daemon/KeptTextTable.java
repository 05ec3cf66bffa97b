package io.redisfuse.daemon;

import io.redisfuse.api.Bytes;
import io.redisfuse.frontend.conflicts.KeptText;
import java.io.PrintWriter;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Kept texts for a person: as a table, one a line, or one in detail. */
final class KeptTextTable {

  private static final int LONGEST_CELL = 60;
  private static final List<String> HEAD =
      List.of("ID", "WHEN", "SIZE", "REASON", "WHERE", "PROCESS", "SOURCE");

  private final DateTimeFormatter time;

  /**
   * A table.
   *
   * @param zone in whose time it says when
   */
  KeptTextTable(ZoneId zone) {
    time = DateTimeFormatter.ofPattern("uuuu-MM-dd HH:mm:ss", Locale.ROOT).withZone(zone);
  }

  void print(List<KeptText> texts, PrintWriter out) {
    List<List<String>> rows = new ArrayList<>();
    rows.add(HEAD);
    texts.forEach(text -> rows.add(row(text)));
    int[] widths = new int[HEAD.size()];
    for (List<String> row : rows) {
      for (int i = 0; i < widths.length; i++) {
        widths[i] = Math.max(widths[i], columns(row.get(i)));
      }
    }
    for (List<String> row : rows) {
      StringBuilder line = new StringBuilder();
      for (int i = 0; i < widths.length; i++) {
        String text = row.get(i);
        line.append(text).append(" ".repeat(widths[i] - columns(text) + 2));
      }
      out.println(line.toString().stripTrailing());
    }
    out.flush();
  }

  /** All that is known of one text, a line for each thing. */
  void printDetails(KeptText text, PrintWriter out) {
    out.println("id:       " + text.id());
    out.println("when:     " + time.format(text.time()));
    out.println("where:    " + Legible.of(text.cell()));
    out.println("source:   " + text.source());
    out.println("reason:   " + reason(text));
    out.println("why:      " + Legible.line(Bytes.utf8(text.why())));
    out.println("process:  " + Legible.of(Bytes.utf8(text.process())));
    text.expected().ifPresent(version -> out.println("expected: " + version));
    text.found().ifPresent(version -> out.println("found:    " + version));
    out.println("size:     " + text.size() + " bytes");
    out.println("file:     " + text.file());
    out.flush();
  }

  private static String reason(KeptText text) {
    String what =
        switch (text.reason()) {
          case REJECTED -> "rejected, since somebody else had changed what it was made from";
          case OVERWRITTEN -> "overwritten by somebody who knew of it";
          case UNCERTAIN -> "uncertain: it may have been appended, or not";
          case UNSAVED -> "unsaved, and there was nobody left to be told";
        };
    return text.isAppended() ? what + "; it was to be appended" : what;
  }

  private List<String> row(KeptText text) {
    return List.of(
        text.id(),
        time.format(text.time()),
        size(text.size()),
        text.reason().name().toLowerCase(Locale.ROOT),
        shortened(Legible.of(text.cell())),
        Legible.of(Bytes.utf8(text.process())),
        text.source());
  }

  /** A size in bytes, or in the largest unit that it has one of. */
  static String size(long bytes) {
    if (bytes < 1024) {
      return bytes + " B";
    }
    double amount = bytes;
    int unit = -1;
    while (amount >= 1024 && unit < 3) {
      amount /= 1024;
      unit++;
    }
    return String.format(Locale.ROOT, "%.1f %siB", amount, "KMGT".charAt(unit));
  }

  private static String shortened(String text) {
    return columns(text) <= LONGEST_CELL
        ? text
        : text.substring(0, text.offsetByCodePoints(0, LONGEST_CELL - 1)) + "…";
  }

  private static int columns(String text) {
    return text.codePointCount(0, text.length());
  }
}
