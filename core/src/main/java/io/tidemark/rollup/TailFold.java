package io.tidemark.rollup;

import io.tidemark.table.Column;
import io.tidemark.table.Dictionary;
import io.tidemark.table.Tail;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Groups the rows of a tail: for a query, and for sealing.
final class TailFold {
  private static final int UNKNOWN = -2;

  private final Tail tail;
  private final long from;
  private final long to;
  private final long every;
  private final List<Test> tests;
  private final Column[] dimensions;
  private final @Nullable Column[] measures;
  private final Groups groups;

  /// For a text dimension: the group's code of each of the tail's codes, filled as they occur.
  private final int[][] codes;

  private final long[] key;

  /// Whether a row has one of the wanted values in a column.
  private record Test(Column column, long[] wanted) {
    boolean passes(int row) {
      if (column.isNull(row)) {
        return false;
      }
      long value =
          switch (column) {
            case Column.Words words -> words.word(row);
            case Column.Text text -> text.codes()[row];
          };
      for (long want : wanted) {
        if (want == value) {
          return true;
        }
      }
      return false;
    }
  }

  /// @param fields the rollup's dimensions as fields, which `query.by()` and `where` refer to
  /// @param measured the field of each wanted measure, or -1
  TailFold(
      Tail tail,
      RollupQuery query,
      long notBefore,
      List<Integer> fields,
      List<Integer> measured,
      Groups groups) {
    this.tail = tail;
    this.from = Math.max(query.from(), notBefore);
    this.to = query.to();
    this.every = query.every();
    this.tests =
        query.where().stream().map(f -> test(tail.column(fields.get(f.dimension())), f)).toList();
    this.dimensions =
        query.by().stream().map(d -> tail.column(fields.get(d))).toArray(Column[]::new);
    this.measures = new Column[measured.size()];
    for (int i = 0; i < measures.length; i++) {
      int field = measured.get(i);
      measures[i] = field < 0 ? null : tail.column(field);
    }
    this.groups = groups;
    this.codes = new int[dimensions.length][];
    this.key = new long[groups.stride()];
  }

  private static Test test(Column column, RollupQuery.Filter filter) {
    long[] wanted =
        switch (column) {
          case Column.Words _ -> filter.words().stream().mapToLong(Long::longValue).toArray();
          case Column.Text text ->
              filter.texts().stream()
                  .mapToLong(t -> text.dictionary().find(t))
                  .filter(code -> code != Dictionary.NONE)
                  .toArray();
        };
    return new Test(column, wanted);
  }

  /// Folds the rows `first` to `last - 1` that lie in the range.
  void fold(int first, int last) {
    long[] times = tail.times();
    int row = first;
    while (row < last) {
      int block = row / Tail.BLOCK;
      int end = Math.min(last, (block + 1) * Tail.BLOCK);
      if (!tail.blockMisses(block, from, to)) {
        for (; row < end; row++) {
          if (times[row] >= from && times[row] < to && passes(row)) {
            groups.add(groups.group(keyOf(row, times[row])), measures, row);
          }
        }
      }
      row = end;
    }
  }

  private boolean passes(int row) {
    for (int i = 0; i < tests.size(); i++) {
      if (!tests.get(i).passes(row)) {
        return false;
      }
    }
    return true;
  }

  private long[] keyOf(int row, long time) {
    key[0] = Math.floorDiv(time, every) * every;
    key[key.length - 1] = 0;
    for (int d = 0; d < dimensions.length; d++) {
      Column column = dimensions[d];
      if (column.isNull(row)) {
        Groups.putNull(key, d);
        continue;
      }
      switch (column) {
        case Column.Words words -> key[1 + d] = words.word(row);
        case Column.Text text -> key[1 + d] = code(d, text, text.codes()[row]);
      }
    }
    return key;
  }

  private int code(int dimension, Column.Text column, int tailCode) {
    int[] known = codes[dimension];
    if (known == null || tailCode >= known.length) {
      int[] longer = new int[Math.max(64, tailCode * 2)];
      Arrays.fill(longer, UNKNOWN);
      if (known != null) {
        System.arraycopy(known, 0, longer, 0, known.length);
      }
      known = longer;
      codes[dimension] = known;
    }
    int code = known[tailCode];
    if (code == UNKNOWN) {
      code = groups.code(dimension, column.dictionary().value(tailCode));
      known[tailCode] = code;
    }
    return code;
  }
}
