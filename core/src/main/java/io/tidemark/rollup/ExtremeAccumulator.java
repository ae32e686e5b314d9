package io.tidemark.rollup;

import io.tidemark.event.FieldType;
import io.tidemark.table.Column;
import io.tidemark.table.Growth;
import io.tidemark.table.TableShape.ColumnSpec;
import io.tidemark.table.TableShape.Type;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The least or the greatest value; null where there was none.
final class ExtremeAccumulator extends Accumulator {
  private final String name;
  private final FieldType type;
  private final boolean greatest;
  private long[] words = new long[Growth.FEW];
  private boolean[] some = new boolean[Growth.FEW];

  ExtremeAccumulator(String name, FieldType type, boolean greatest) {
    this.name = name;
    this.type = type;
    this.greatest = greatest;
  }

  @Override
  List<ColumnSpec> columns() {
    return List.of(
        new ColumnSpec(
            name,
            switch (type) {
              case DOUBLE -> Type.DOUBLE;
              case TIMESTAMP -> Type.TIMESTAMP;
              case LONG, BOOLEAN, STRING, JSON -> Type.LONG;
            }));
  }

  @Override
  void ensure(int groups) {
    if (groups > words.length) {
      words = Arrays.copyOf(words, Math.max(groups, words.length * 2));
      some = Arrays.copyOf(some, words.length);
    }
  }

  @Override
  void add(int[] groups, @Nullable Column column, int[] rows, int count) {
    if (column instanceof Column.Words values) {
      for (int i = 0; i < count; i++) {
        if (!values.isNull(rows[i])) {
          offer(groups[i], values.word(rows[i]));
        }
      }
    }
  }

  @Override
  void merge(int group, Partial partial) {
    if (!partial.isNull(0)) {
      offer(group, partial.word(0));
    }
  }

  private void offer(int group, long word) {
    if (!some[group] || (compare(word, words[group]) > 0) == greatest) {
      words[group] = word;
      some[group] = true;
    }
  }

  private int compare(long a, long b) {
    return type == FieldType.DOUBLE
        ? Double.compare(Double.longBitsToDouble(a), Double.longBitsToDouble(b))
        : Long.compare(a, b);
  }

  @Override
  boolean isNull(int group, int column) {
    return !some[group];
  }

  @Override
  long word(int group, int column) {
    return words[group];
  }

  @Override
  @Nullable Number result(int group) {
    if (!some[group]) {
      return null;
    }
    return type == FieldType.DOUBLE
        ? (Number) Double.longBitsToDouble(words[group])
        : (Number) words[group];
  }

  @Override
  boolean isInstant() {
    return type == FieldType.TIMESTAMP;
  }
}
