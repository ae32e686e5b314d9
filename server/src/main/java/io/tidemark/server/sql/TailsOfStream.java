package io.tidemark.server.sql;

import io.tidemark.query.TimeRanges;
import io.tidemark.shard.HeldShards;
import io.tidemark.table.Column;
import io.tidemark.table.Dictionary;
import io.tidemark.table.Rows;
import io.tidemark.table.TableShape;
import io.tidemark.table.Tail;
import io.tidemark.table.TailPart;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// What the shards of a stream have in memory, within some ranges of time, as one: the rows of
/// tails, with their partition, in no order. Some rows of other times may be among them, but none
/// that are not answered any more.
final class TailsOfStream implements Rows {
  /// So many rows that are not wanted are rather read than left out.
  private static final int GAP = 64;

  private final TableShape shape;
  private final List<Run> runs = new ArrayList<>();
  private final int[] starts;
  private final int count;

  /// In which run the last row that was asked for lies: mostly the next one lies there, too. Where
  /// several threads ask, it is that of one of them.
  private int latest;

  /// The rows from `first` to `end - 1` of a tail.
  private record Run(Tail tail, int partition, int first, int end) {}

  /// @param shape that of stored events, and the partition
  /// @param times what is wanted
  TailsOfStream(TableShape shape, List<HeldShards.Table> shards, TimeRanges times) {
    this.shape = shape;
    for (HeldShards.Table shard : shards) {
      for (TailPart part : shard.tails()) {
        addRuns(part, shard.id().partition(), times, shard.notBefore());
      }
    }
    this.starts = new int[runs.size()];
    int total = 0;
    for (int i = 0; i < starts.length; i++) {
      starts[i] = total;
      total += runs.get(i).end() - runs.get(i).first();
    }
    this.count = total;
  }

  private void addRuns(TailPart part, int partition, TimeRanges wanted, long notBefore) {
    long[] times = part.tail().times();
    int first = -1;
    int end = 0;
    for (int row = part.first(); row < part.last(); row++) {
      if (first >= 0 && (times[row] < notBefore || row - end > GAP)) {
        runs.add(new Run(part.tail(), partition, first, end));
        first = -1;
      }
      if (times[row] >= notBefore && wanted.has(times[row])) {
        first = first < 0 ? row : first;
        end = row + 1;
      }
    }
    if (first >= 0) {
      runs.add(new Run(part.tail(), partition, first, end));
    }
  }

  @Override
  public TableShape shape() {
    return shape;
  }

  @Override
  public int count() {
    return count;
  }

  @Override
  public boolean isNull(int column, int row) {
    if (column < TableShape.FIRST_FIELD || column == shape.size() - 1) {
      return false;
    }
    int run = runOf(row);
    return columnOf(runs.get(run), column).isNull(rowIn(run, row));
  }

  @Override
  public long word(int column, int row) {
    int i = runOf(row);
    Run run = runs.get(i);
    if (column == shape.size() - 1) {
      return run.partition();
    }
    int at = rowIn(i, row);
    return switch (column) {
      case TableShape.TIME -> run.tail().time(at);
      case TableShape.OFFSET -> run.tail().offset(at);
      default -> ((Column.Words) columnOf(run, column)).word(at);
    };
  }

  @Override
  public byte[] bytes(int column, int row) {
    int run = runOf(row);
    Column.Text text = (Column.Text) columnOf(runs.get(run), column);
    return text.dictionary().value(text.codes()[rowIn(run, row)]);
  }

  @Override
  public void words(int column, int first, int count, long[] words, boolean[] nulls) {
    int done = 0;
    for (int i = runOf(first); done < count; i++) {
      Run run = runs.get(i);
      int from = rowIn(i, first + done);
      int some = Math.min(count - done, run.end() - from);
      copy(run, column, from, some, words, nulls, done);
      done += some;
    }
  }

  private void copy(
      Run run, int column, int from, int count, long[] words, boolean[] nulls, int at) {
    if (column == shape.size() - 1) {
      Arrays.fill(words, at, at + count, run.partition());
    } else if (column == TableShape.OFFSET) {
      for (int i = 0; i < count; i++) {
        words[at + i] = run.tail().offset(from + i);
      }
    } else if (column == TableShape.TIME) {
      System.arraycopy(run.tail().times(), from, words, at, count);
    } else {
      Column.Words values = (Column.Words) columnOf(run, column);
      System.arraycopy(values.words(), from, words, at, count);
      for (int i = 0; i < count; i++) {
        nulls[at + i] = values.isNull(from + i);
      }
      return;
    }
    Arrays.fill(nulls, at, at + count, false);
  }

  @Override
  public void texts(int column, int first, byte[][] texts) {
    int done = 0;
    for (int r = runOf(first); done < texts.length; r++) {
      Run run = runs.get(r);
      int from = rowIn(r, first + done);
      int end = Math.min(run.end(), from + texts.length - done);
      Column.Text text = (Column.Text) columnOf(run, column);
      int[] codes = text.codes();
      for (int row = from; row < end; row++, done++) {
        texts[done] = codes[row] == Dictionary.NONE ? null : text.dictionary().value(codes[row]);
      }
    }
  }

  /// The last two are the extra and the partition.
  private Column columnOf(Run run, int column) {
    return column == shape.size() - 2
        ? run.tail().extras()
        : run.tail().column(column - TableShape.FIRST_FIELD);
  }

  private int runOf(int row) {
    int run = latest;
    if (row < starts[run] || row >= starts[run] + runs.get(run).end() - runs.get(run).first()) {
      int found = Arrays.binarySearch(starts, row);
      run = found < 0 ? -found - 2 : found;
      latest = run;
    }
    return run;
  }

  private int rowIn(int run, int row) {
    return runs.get(run).first() + row - starts[run];
  }
}
