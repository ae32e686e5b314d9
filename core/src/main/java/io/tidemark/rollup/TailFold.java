package io.tidemark.rollup;

import io.tidemark.table.Column;
import io.tidemark.table.Dictionary;
import io.tidemark.table.Tail;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Groups the rows of a tail: for a query, and for sealing.
///
/// It goes column by column over some rows at a time: which of them are wanted, what their keys
/// are, which groups these have, and what each measure adds to them.
final class TailFold {
  /// How many rows at a time: a part of a block, so that what is noted of them stays in the cache.
  private static final int ROWS = Tail.BLOCK / 4;

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

  private final int[] rows = new int[ROWS];
  private final int[] groupOf = new int[ROWS];
  private final long[] keys;

  /// Whether a row has one of the wanted values in a column.
  private record Test(Column column, long[] wanted) {
    /// Leaves those of the first `count` rows that pass, and says how many.
    int narrow(int[] rows, int count) {
      return switch (column) {
        case Column.Words words -> narrow(words, rows, count);
        case Column.Text text -> narrow(text.codes(), rows, count);
      };
    }

    private int narrow(Column.Words column, int[] rows, int count) {
      long[] words = column.words();
      int left = 0;
      for (int i = 0; i < count; i++) {
        int row = rows[i];
        if (isWanted(words[row]) && !column.isNull(row)) {
          rows[left++] = row;
        }
      }
      return left;
    }

    /// A null's code is that of no value.
    private int narrow(int[] codes, int[] rows, int count) {
      int left = 0;
      for (int i = 0; i < count; i++) {
        int row = rows[i];
        if (isWanted(codes[row])) {
          rows[left++] = row;
        }
      }
      return left;
    }

    private boolean isWanted(long value) {
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
    this.keys = new long[ROWS * groups.stride()];
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
    int row = first;
    while (row < last) {
      int block = row / Tail.BLOCK;
      if (tail.blockMisses(block, from, to)) {
        row = Math.min(last, (block + 1) * Tail.BLOCK);
        continue;
      }
      int end = Math.min(last, (row / ROWS + 1) * ROWS);
      int count = inRange(row, end);
      for (int i = 0; i < tests.size(); i++) {
        count = tests.get(i).narrow(rows, count);
      }
      if (count > 0) {
        makeKeys(count);
        groups.find(keys, groupOf, count);
        groups.add(groupOf, measures, rows, count);
      }
      row = end;
    }
  }

  private int inRange(int first, int end) {
    long[] times = tail.times();
    int count = 0;
    for (int row = first; row < end; row++) {
      if (times[row] >= from && times[row] < to) {
        rows[count++] = row;
      }
    }
    return count;
  }

  private void makeKeys(int count) {
    int stride = groups.stride();
    long[] times = tail.times();
    long bucket = 0;
    long bucketEnd = 0;
    for (int i = 0; i < count; i++) {
      long time = times[rows[i]];
      if (time < bucket || time >= bucketEnd) {
        bucket = Math.floorDiv(time, every) * every;
        bucketEnd = bucket + every;
      }
      keys[i * stride] = bucket;
      keys[i * stride + stride - 1] = 0;
    }
    for (int d = 0; d < dimensions.length; d++) {
      switch (dimensions[d]) {
        case Column.Words words -> putWords(d, words, count);
        case Column.Text text -> putTexts(d, text, count);
      }
    }
  }

  private void putWords(int dimension, Column.Words column, int count) {
    long[] words = column.words();
    int stride = groups.stride();
    for (int i = 0; i < count; i++) {
      if (column.isNull(rows[i])) {
        Groups.putNull(keys, i * stride, stride, dimension);
      } else {
        keys[i * stride + 1 + dimension] = words[rows[i]];
      }
    }
  }

  private void putTexts(int dimension, Column.Text column, int count) {
    int[] tailCodes = column.codes();
    int stride = groups.stride();
    for (int i = 0; i < count; i++) {
      int tailCode = tailCodes[rows[i]];
      if (tailCode == Dictionary.NONE) {
        Groups.putNull(keys, i * stride, stride, dimension);
      } else {
        keys[i * stride + 1 + dimension] = code(dimension, column, tailCode);
      }
    }
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
