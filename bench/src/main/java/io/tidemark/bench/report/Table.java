package io.tidemark.bench.report;

import java.util.ArrayList;
import java.util.List;

/// Rows under a title. Each row is printed as soon as it is known.
public final class Table {
  private final String title;
  private final List<String> columns;
  private final List<List<String>> rows = new ArrayList<>();
  private final List<String> notes = new ArrayList<>();

  public Table(String title, String... columns) {
    this.title = title;
    this.columns = List.of(columns);
    System.out.println("\n" + title + "\n" + String.join(" | ", columns));
  }

  public boolean isEmpty() {
    return rows.isEmpty();
  }

  public void add(String... cells) {
    if (cells.length != columns.size()) {
      throw new IllegalArgumentException(String.join(" | ", cells));
    }
    rows.add(List.of(cells));
    System.out.println(String.join(" | ", cells));
  }

  /// A sentence below the table.
  public void note(String text) {
    notes.add(text);
    System.out.println(text);
  }

  public String markdown() {
    StringBuilder text = new StringBuilder("## " + title + "\n");
    line(text, columns);
    line(text, columns.stream().map(_ -> "---").toList());
    rows.forEach(row -> line(text, row));
    notes.forEach(note -> text.append('\n').append(note).append('\n'));
    return text.toString();
  }

  private static void line(StringBuilder text, List<String> cells) {
    text.append("| ");
    text.append(String.join(" | ", cells.stream().map(c -> c.replace("|", "\\|")).toList()));
    text.append(" |\n");
  }
}
