package io.tidemark.server.sql;

import io.tidemark.shard.HeldShards;
import io.tidemark.table.Rows;
import io.tidemark.table.TableShape;
import io.tidemark.table.TailPart;
import io.tidemark.table.TailRows;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// What the shards of a stream have in memory, within a range of time, as one: the rows of tails,
/// with their partition.
final class TailsOfStream implements Rows {
  private final TableShape shape;
  private final List<Part> parts = new ArrayList<>();
  private final int[] starts;
  private final int count;

  /// The rows from `first` on of a tail, whose first one is the row `start` here.
  private record Part(TailRows rows, int partition, int first) {}

  /// @param shape that of stored events, and the partition
  /// @param bounds what is wanted
  TailsOfStream(TableShape shape, List<HeldShards.Table> shards, TimeBounds bounds) {
    this.shape = shape;
    List<Integer> at = new ArrayList<>();
    int total = 0;
    for (HeldShards.Table shard : shards) {
      TimeBounds wanted = bounds.and(new TimeBounds(shard.notBefore(), Long.MAX_VALUE));
      for (TailPart tail : shard.tails()) {
        TailRows rows = new TailRows(tail);
        int first = firstFrom(rows, wanted.from());
        int end = wanted.to() == Long.MAX_VALUE ? rows.count() : firstFrom(rows, wanted.to());
        if (first < end) {
          parts.add(new Part(rows, shard.id().partition(), first));
          at.add(total);
          total += end - first;
        }
      }
    }
    this.starts = at.stream().mapToInt(i -> i).toArray();
    this.count = total;
  }

  /// The first row, in the order of times, that is not before a time.
  private static int firstFrom(TailRows rows, long time) {
    int low = 0;
    int high = rows.count();
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (rows.word(TableShape.TIME, middle) < time) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
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
    int part = partOf(row);
    return !isPartition(column) && parts.get(part).rows().isNull(column, rowIn(part, row));
  }

  @Override
  public long word(int column, int row) {
    int part = partOf(row);
    return isPartition(column)
        ? parts.get(part).partition()
        : parts.get(part).rows().word(column, rowIn(part, row));
  }

  @Override
  public byte[] bytes(int column, int row) {
    int part = partOf(row);
    return parts.get(part).rows().bytes(column, rowIn(part, row));
  }

  private boolean isPartition(int column) {
    return column == shape.size() - 1;
  }

  private int partOf(int row) {
    int found = Arrays.binarySearch(starts, row);
    return found < 0 ? -found - 2 : found;
  }

  private int rowIn(int part, int row) {
    return parts.get(part).first() + row - starts[part];
  }
}
