package io.redisfuse.it.bench;

import java.io.PrintStream;
import java.util.List;
import java.util.function.DoubleFunction;
import java.util.function.Function;

/** The table of all subjects, printed row by row as they are measured. */
final class Table {

  private static final String NOTHING = "-";

  private final PrintStream out;
  private final List<SubjectName> columns;
  private final Results results;

  Table(PrintStream out, List<SubjectName> columns, Results results) {
    this.out = out;
    this.columns = columns;
    this.results = results;
  }

  void head() {
    line("", name -> name.word().replaceFirst("-.*", ""));
    line("", name -> name.word().contains("-") ? name.word().replaceFirst(".*-", "") : "");
  }

  void rows(Measurement measurement) {
    Title title = measurement.title();
    Unit unit = measurement.unit();
    out.println();
    line(title + "  " + unit.label(), name -> shown(speed(title, name), unit::shown));
    if (columns.contains(SubjectName.REFERENCE)) {
      line("    times the reference", name -> shown(ratio(title, name), "%.2f"::formatted));
    }
    String each = " a " + unit.operation();
    used("    processor, µs" + each, name -> processor(title, name));
    used("    allocated, B" + each, name -> allocated(title, name));
    out.flush();
  }

  private double speed(Title title, SubjectName name) {
    return Results.median(results.times(title, name));
  }

  private double ratio(Title title, SubjectName name) {
    return Results.median(results.speeds(title, name, SubjectName.REFERENCE));
  }

  private String processor(Title title, SubjectName name) {
    return shown(results.used(title, name, Usage::processorSeconds) * 1e6, "%,.1f"::formatted);
  }

  /** Begins with '>' where some threads have gone meanwhile. */
  private String allocated(Title title, SubjectName name) {
    String start = results.used(title, name).lostThreads() > 0 ? ">%,.0f" : "%,.0f";
    return shown(results.used(title, name, Usage::allocatedBytes), start::formatted);
  }

  /** A line that is left out where nobody has anything to say. */
  private void used(String label, Function<SubjectName, String> cell) {
    if (!columns.stream().map(cell).allMatch(NOTHING::equals)) {
      line(label, cell);
    }
  }

  private static String shown(double value, DoubleFunction<String> format) {
    return Double.isNaN(value) ? NOTHING : format.apply(value);
  }

  private void line(String label, Function<SubjectName, String> cell) {
    StringBuilder text = new StringBuilder("%-36s".formatted(label));
    columns.forEach(name -> text.append("%11s".formatted(cell.apply(name))));
    out.println(text.toString().stripTrailing());
  }
}
