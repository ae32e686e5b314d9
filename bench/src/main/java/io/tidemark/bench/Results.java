package io.tidemark.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/// What was measured, as rows of a table.
final class Results {
  private final List<String[]> rows = new ArrayList<>();

  /// @param target what it is to be at least or at most; empty: nothing is promised
  void add(String what, String value, String target, String beside) {
    rows.add(new String[] {what, value, target, beside});
    System.out.printf(Locale.ROOT, "%-58s %-22s %-18s %s%n", what, value, target, beside);
  }

  static String number(double value) {
    return String.format(Locale.ROOT, value >= 100 ? "%,.0f" : "%.2f", value);
  }

  String markdown() {
    StringBuilder table = new StringBuilder("| what | measured | at least / at most | beside |\n");
    table.append("|---|---|---|---|\n");
    for (String[] row : rows) {
      table.append("| ").append(String.join(" | ", row)).append(" |\n");
    }
    return table.toString();
  }
}
