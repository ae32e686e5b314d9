package io.tidemark.shard.sim;

import io.tidemark.table.Condition;
import io.tidemark.table.Rows;
import io.tidemark.table.Scan;
import io.tidemark.table.TableShape;
import io.tidemark.table.Texts;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Rows, each with a `Long`, a `byte[]` or null for every column; and what a condition means.
public record SimSegment(TableShape shape, List<@Nullable Object[]> rows) {
  static SimSegment of(Rows rows) {
    List<@Nullable Object[]> copied = new ArrayList<>();
    TableShape shape = rows.shape();
    for (int r = 0; r < rows.count(); r++) {
      @Nullable Object[] row = new @Nullable Object[shape.size()];
      for (int c = 0; c < row.length; c++) {
        if (!rows.isNull(c, r)) {
          row[c] =
              shape.columns().get(c).type().isWord()
                  ? (Object) rows.word(c, r)
                  : rows.bytes(c, r).clone();
        }
      }
      copied.add(row);
    }
    return new SimSegment(shape, copied);
  }

  /// About how large a file of it would be.
  long bytes() {
    return 100 + 10L * rows.size();
  }

  static Scan.Row project(@Nullable Object[] row, List<Integer> columns) {
    return new Scan.Row() {
      @Override
      public boolean isNull(int column) {
        return row[columns.get(column)] == null;
      }

      @Override
      public long word(int column) {
        Object value = row[columns.get(column)];
        return value == null ? 0xDEADL : (Long) value;
      }

      @Override
      public byte[] bytes(int column) {
        Object value = row[columns.get(column)];
        if (value == null) {
          throw new IllegalStateException("null has no bytes");
        }
        return (byte[]) value;
      }
    };
  }

  static boolean matches(@Nullable Object[] row, List<Condition> conditions) {
    for (Condition condition : conditions) {
      if (!matches(row, condition)) {
        return false;
      }
    }
    return true;
  }

  private static boolean matches(@Nullable Object[] row, Condition condition) {
    return switch (condition) {
      case Condition.WordRange(int column, long from, long to) ->
          row[column] instanceof Long word && word >= from && word < to;
      case Condition.WordIs(int column, long wanted) ->
          row[column] instanceof Long word && word == wanted;
      case Condition.WordIn(int column, List<Long> wanted) ->
          row[column] instanceof Long word && wanted.contains(word);
      case Condition.TextIn(int column, List<byte[]> wanted) ->
          row[column] instanceof byte[] text
              && wanted.stream().anyMatch(w -> Arrays.equals(w, text));
      case Condition.AnyContains(List<Integer> columns, String needle) ->
          columns.stream()
              .anyMatch(c -> row[c] instanceof byte[] text && Texts.lower(text).contains(needle));
      case Condition.OlderThan(long time, long offset) ->
          word(row, TableShape.TIME) < time
              || (word(row, TableShape.TIME) == time && word(row, TableShape.OFFSET) < offset);
    };
  }

  static int newestFirst(@Nullable Object[] a, @Nullable Object[] b) {
    int byTime = Long.compare(word(b, TableShape.TIME), word(a, TableShape.TIME));
    return byTime != 0
        ? byTime
        : Long.compare(word(b, TableShape.OFFSET), word(a, TableShape.OFFSET));
  }

  private static long word(@Nullable Object[] row, int column) {
    return row[column] instanceof Long word ? word : Long.MIN_VALUE;
  }
}
