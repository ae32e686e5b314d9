package io.tidemark.server.duckdb;

import java.util.HashMap;
import java.util.Map;

/// What `lower` of DuckDB may have left undone for a search: its Unicode tables are older than
/// Java's, and the two must find the same. Letters that it does not lower matter only where the
/// needle has their small forms.
///
/// @param from letters that have a small form in the needle
/// @param to those small forms
record LowerCase(String from, String to) {
  private static final LowerCase PLAIN = new LowerCase("", "");

  /// For each small letter beyond ASCII, the letters that become it.
  private static final Map<Integer, String> CAPITALS = capitals();

  static LowerCase forNeedle(String needle) {
    if (needle.chars().allMatch(c -> c < 0x80)) {
      return PLAIN;
    }
    StringBuilder from = new StringBuilder();
    StringBuilder to = new StringBuilder();
    needle
        .codePoints()
        .distinct()
        .forEach(
            small ->
                CAPITALS
                    .getOrDefault(small, "")
                    .codePoints()
                    .forEach(
                        capital -> {
                          from.appendCodePoint(capital);
                          to.appendCodePoint(small);
                        }));
    return new LowerCase(from.toString(), to.toString());
  }

  boolean isPlain() {
    return from.isEmpty();
  }

  private static Map<Integer, String> capitals() {
    Map<Integer, String> capitals = new HashMap<>();
    for (int c = 0x80; c <= Character.MAX_CODE_POINT; c++) {
      int small = Character.toLowerCase(c);
      if (small != c && small >= 0x80) {
        capitals.merge(small, Character.toString(c), String::concat);
      }
    }
    return capitals;
  }
}
