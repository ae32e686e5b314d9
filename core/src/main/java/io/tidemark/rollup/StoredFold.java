package io.tidemark.rollup;

import io.tidemark.table.Scan;
import java.util.ArrayList;
import java.util.List;

/// Adds stored partials to an answer, row by row.
final class StoredFold implements Scan.Visitor {
  private final RollupQuery query;
  private final Groups answer;
  private final List<Integer> columns = new ArrayList<>();
  private final long[] key;
  private final Partial[] partials;

  /// A measure's columns within the scanned row.
  private static final class Partial implements Accumulator.Partial {
    private final int start;
    private Scan.Row row = NO_ROW;

    Partial(int start) {
      this.start = start;
    }

    @Override
    public boolean isNull(int column) {
      return row.isNull(start + column);
    }

    @Override
    public long word(int column) {
      return row.word(start + column);
    }

    @Override
    public byte[] bytes(int column) {
      return row.bytes(start + column);
    }
  }

  StoredFold(Rollup rollup, RollupQuery query, Groups answer) {
    this.query = query;
    this.answer = answer;
    this.key = new long[answer.stride()];
    columns.add(Rollup.BUCKET);
    query.by().forEach(dimension -> columns.add(Rollup.FIRST_DIMENSION + dimension));
    this.partials = new Partial[query.measures().size()];
    for (int m = 0; m < partials.length; m++) {
      partials[m] = new Partial(columns.size());
      int first = rollup.firstColumn(query.measures().get(m));
      int width = answer.accumulators().get(m).columns().size();
      for (int c = 0; c < width; c++) {
        columns.add(first + c);
      }
    }
  }

  /// What the fold needs of each row.
  List<Integer> columns() {
    return columns;
  }

  @Override
  public void visit(Scan.Row row) {
    key[0] = Math.floorDiv(row.word(0), query.every()) * query.every();
    key[key.length - 1] = 0;
    for (int d = 0; d < answer.dimensions(); d++) {
      if (row.isNull(1 + d)) {
        Groups.putNull(key, d);
      } else if (answer.type(d).isText()) {
        answer.put(key, d, row.bytes(1 + d));
      } else {
        key[1 + d] = row.word(1 + d);
      }
    }
    int group = answer.group(key);
    for (int m = 0; m < partials.length; m++) {
      partials[m].row = row;
      answer.accumulators().get(m).merge(group, partials[m]);
    }
  }

  private static final Scan.Row NO_ROW =
      new Scan.Row() {
        @Override
        public boolean isNull(int column) {
          throw new IllegalStateException("no row yet");
        }

        @Override
        public long word(int column) {
          throw new IllegalStateException("no row yet");
        }

        @Override
        public byte[] bytes(int column) {
          throw new IllegalStateException("no row yet");
        }
      };
}
