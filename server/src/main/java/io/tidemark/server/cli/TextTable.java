package io.tidemark.server.cli;

import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.JsonNode;

/// Rows as a table for people: numbers to the right, long values cut short, NULL visible.
final class TextTable {
  private static final int MAX_WIDTH = 60;
  private static final String NULL = "NULL";

  private TextTable() {}

  /// @param answer with `columns` and `rows`
  static String of(JsonNode answer) {
    List<String> names = new ArrayList<>();
    for (JsonNode column : answer.path("columns")) {
      names.add(cell(column.get("name")));
    }
    List<List<String>> rows = new ArrayList<>();
    boolean[] numbers = new boolean[names.size()];
    for (int c = 0; c < numbers.length; c++) {
      numbers[c] = true;
    }
    for (JsonNode row : answer.path("rows")) {
      List<String> cells = new ArrayList<>();
      for (JsonNode value : row) {
        numbers[cells.size()] &= value.isNumber() || value.isNull();
        cells.add(cell(value));
      }
      rows.add(cells);
    }
    int[] widths = new int[names.size()];
    for (int c = 0; c < widths.length; c++) {
      widths[c] = width(names.get(c));
      for (List<String> row : rows) {
        widths[c] = Math.max(widths[c], width(row.get(c)));
      }
    }
    StringBuilder text = new StringBuilder();
    line(names, widths, numbers, text);
    for (int c = 0; c < widths.length; c++) {
      text.append(c == 0 ? "" : "-+-").append("-".repeat(widths[c]));
    }
    text.append('\n');
    rows.forEach(row -> line(row, widths, numbers, text));
    return text.toString();
  }

  private static void line(List<String> cells, int[] widths, boolean[] right, StringBuilder text) {
    StringBuilder line = new StringBuilder();
    for (int c = 0; c < widths.length; c++) {
      String padding = " ".repeat(widths[c] - width(cells.get(c)));
      line.append(c == 0 ? "" : " | ");
      line.append(right[c] ? padding + cells.get(c) : cells.get(c) + padding);
    }
    text.append(line.toString().stripTrailing()).append('\n');
  }

  private static int width(String text) {
    return text.codePointCount(0, text.length());
  }

  /// A value on one line; what a terminal would take for an order is shown.
  private static String cell(JsonNode value) {
    String text = value.isNull() ? NULL : value.isString() ? value.asString() : value.toString();
    StringBuilder line = new StringBuilder();
    text.codePoints()
        .limit(MAX_WIDTH + 1L)
        .forEach(c -> line.appendCodePoint(Character.isISOControl(c) ? '\u00b7' : c));
    if (width(line.toString()) <= MAX_WIDTH) {
      return line.toString();
    }
    return line.substring(0, line.offsetByCodePoints(0, MAX_WIDTH - 1)) + "…";
  }
}
