package io.tidemark.rollup;

import io.tidemark.table.Column;
import io.tidemark.table.Growth;
import io.tidemark.table.TableShape.ColumnSpec;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// How many events, or values.
final class CountAccumulator extends Accumulator {
  private final String name;
  private long[] counts = new long[Growth.FEW];

  CountAccumulator(String name) {
    this.name = name;
  }

  @Override
  List<ColumnSpec> columns() {
    return List.of(longs(name));
  }

  @Override
  void ensure(int groups) {
    if (groups > counts.length) {
      counts = Arrays.copyOf(counts, Math.max(groups, counts.length * 2));
    }
  }

  @Override
  void add(int[] groups, @Nullable Column column, int[] rows, int count) {
    for (int i = 0; i < count; i++) {
      if (column == null || !column.isNull(rows[i])) {
        counts[groups[i]]++;
      }
    }
  }

  @Override
  void merge(int group, Partial partial) {
    counts[group] += partial.word(0);
  }

  @Override
  long word(int group, int column) {
    return counts[group];
  }

  @Override
  Number result(int group) {
    return counts[group];
  }
}
