package io.redisfuse.it.bench;

import java.io.PrintStream;
import java.util.List;
import java.util.function.DoubleFunction;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;

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
    used(
        title,
        "    processor, µs a " + unit.operation(),
        use -> use.processorSeconds() * 1e6,
        "%,.1f");
    used(title, "    allocated, B a " + unit.operation(), Usage::allocatedBytes, "%,.0f");
    out.flush();
  }

  private double speed(Title title, SubjectName name) {
    return Results.median(results.times(title, name));
  }

  private double ratio(Title title, SubjectName name) {
    return Results.median(results.speeds(title, name, SubjectName.REFERENCE));
  }

  private void used(Title title, String label, ToDoubleFunction<Usage> what, String format) {
    if (columns.stream().anyMatch(name -> !Double.isNaN(results.used(title, name, what)))) {
      line(label, name -> shown(results.used(title, name, what), format::formatted));
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
