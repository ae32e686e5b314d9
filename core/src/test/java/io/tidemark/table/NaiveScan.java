package io.tidemark.table;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// What a scan must find, in the plainest way.
final class NaiveScan {
  private NaiveScan() {}

  /// The wanted columns of all rows that satisfy the conditions, each row as text; in the order
  /// that the scan wants. Not cut to the limit.
  static List<String> find(List<ListRows> segments, Scan scan) {
    List<@Nullable Object[]> found = new ArrayList<>();
    IdentityHashMap<@Nullable Object[], Long> files = new IdentityHashMap<>();
    for (int file = 0; file < segments.size(); file++) {
      for (@Nullable Object[] row : segments.get(file).rows()) {
        if (scan.conditions().stream().allMatch(c -> holds(c, row))) {
          found.add(row);
          files.put(row, (long) file);
        }
      }
    }
    Comparator<@Nullable Object[]> byTime = Comparator.comparing(r -> word(r, TableShape.TIME));
    Comparator<@Nullable Object[]> byOffset = Comparator.comparing(r -> word(r, TableShape.OFFSET));
    switch (scan.order()) {
      case ANY -> {}
      case NEWEST_FIRST -> found.sort(byTime.thenComparing(byOffset).reversed());
      case BY_OFFSET -> found.sort(byOffset);
    }
    return found.stream()
        .map(
            row ->
                text(
                    scan.columns().stream()
                        .map(c -> c == Scan.FILE ? files.get(row) : row[c])
                        .toArray()))
        .toList();
  }

  static String text(@Nullable Object[] values) {
    StringBuilder text = new StringBuilder();
    for (Object value : values) {
      text.append(value instanceof byte[] b ? "x" + HexFormat.of().formatHex(b) : value);
      text.append(' ');
    }
    return text.toString();
  }

  private static Long word(@Nullable Object[] row, int column) {
    return (Long) Objects.requireNonNull(row[column]);
  }

  private static boolean holds(Condition condition, @Nullable Object[] row) {
    return switch (condition) {
      case Condition.WordRange(int column, long from, long to) ->
          row[column] instanceof Long word && from <= word && word < to;
      case Condition.WordIs(int column, long wanted) -> Long.valueOf(wanted).equals(row[column]);
      case Condition.WordIn(int column, List<Long> words) ->
          row[column] instanceof Long word && words.contains(word);
      case Condition.TextIn(int column, List<byte[]> texts) ->
          row[column] instanceof byte[] text
              && texts.stream().anyMatch(t -> Arrays.equals(t, text));
      case Condition.AnyContains(List<Integer> columns, String needle) ->
          columns.stream()
              .anyMatch(c -> row[c] instanceof byte[] b && Texts.lower(b).contains(needle));
      case Condition.NotAll(List<Condition> conditions) ->
          !conditions.stream().allMatch(c -> holds(c, row));
      case Condition.OlderThan(long time, long offset) -> {
        long rowTime = word(row, TableShape.TIME);
        yield rowTime < time || (rowTime == time && word(row, TableShape.OFFSET) < offset);
      }
    };
  }
}
