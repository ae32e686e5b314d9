package io.tidemark.table;

import io.tidemark.event.EventRow;
import io.tidemark.event.EventType;
import java.util.Arrays;
import java.util.List;

/// The rows that a shard has applied since its last checkpoint, in the order of their offsets, in
/// columns. It is lost in a crash and rebuilt from the log.
///
/// One writer appends and publishes; readers work on a [View]. For ranges of time there is a zone
/// map: the least and the greatest event time of each block of [#BLOCK] rows.
public final class Tail {
  /// Rows per entry of the zone map: small enough to skip with profit, large enough to be few.
  public static final int BLOCK = 4096;

  private final EventType type;
  private final Column[] columns;
  private final Column.Words offsets = new Column.Words();
  private final Column.Words times = new Column.Words();
  private final Column.Text extras = new Column.Text();
  private final List<KeyIndex> indexes;
  private volatile long[] blockMin = filled(Long.MAX_VALUE);
  private volatile long[] blockMax = filled(Long.MIN_VALUE);
  private volatile long[] maxThrough = filled(Long.MIN_VALUE);
  private int rows;
  private volatile View view;

  /// What a reader may see of a tail.
  ///
  /// @param rows how many rows
  /// @param next the offset after the last one that was applied
  /// @param streamTime the greatest event time applied so far, in microseconds; [Long#MIN_VALUE]
  ///   before the first event
  public record View(int rows, long next, long streamTime) {}

  /// @param indexed the fields that get a [KeyIndex]
  /// @param next where the first row's offset is at least
  /// @param streamTime the greatest event time before the first row
  public Tail(EventType type, List<Integer> indexed, long next, long streamTime) {
    this.type = type;
    this.columns = new Column[type.size()];
    for (int i = 0; i < columns.length; i++) {
      columns[i] = Column.of(type.field(i).type());
    }
    this.indexes =
        indexed.stream()
            .distinct()
            .map(f -> new KeyIndex(f, type.field(f).type(), columns[f]))
            .toList();
    this.view = new View(0, next, streamTime);
  }

  /// Appends events; invisible until [#publish].
  public void append(RowBatch batch) {
    int at = rows;
    long previous = at == 0 ? -1 : offsets.word(at - 1);
    for (int i = 0; i < batch.count; i++) {
      if (batch.offsets[i] <= previous) {
        throw new IllegalStateException("offset " + batch.offsets[i] + " after " + previous);
      }
      previous = batch.offsets[i];
    }
    for (int i = 0; i < columns.length; i++) {
      columns[i].append(at, batch, i);
    }
    offsets.append(at, batch.offsets, batch.count);
    times.append(at, batch.times, batch.count);
    extras.append(at, batch, columns.length);
    for (int i = 0; i < indexes.size(); i++) {
      indexes.get(i).append(at, batch);
    }
    for (int i = 0; i < batch.count; i++) {
      widen((at + i) / BLOCK, batch.times[i]);
    }
    rows = at + batch.count;
  }

  /// Lets a block's entry in the zone map contain a time.
  private void widen(int block, long timeMicros) {
    if (block == blockMin.length) {
      int length = blockMin.length;
      blockMin = Arrays.copyOf(blockMin, length * 2);
      blockMax = Arrays.copyOf(blockMax, length * 2);
      Arrays.fill(blockMin, length, length * 2, Long.MAX_VALUE);
      Arrays.fill(blockMax, length, length * 2, Long.MIN_VALUE);
      maxThrough = Arrays.copyOf(maxThrough, length * 2);
      Arrays.fill(maxThrough, length, length * 2, Long.MIN_VALUE);
    }
    blockMin[block] = Math.min(blockMin[block], timeMicros);
    blockMax[block] = Math.max(blockMax[block], timeMicros);
    long before = block == 0 ? Long.MIN_VALUE : maxThrough[block - 1];
    maxThrough[block] = Math.max(before, blockMax[block]);
  }

  /// Makes all rows so far visible, as the effect of everything below `next`.
  public void publish(long next, long streamTime) {
    View before = view;
    if (next < before.next() || streamTime < before.streamTime()) {
      throw new IllegalStateException("back from " + before + " to " + next + ", " + streamTime);
    }
    view = new View(rows, next, streamTime);
  }

  public View view() {
    return view;
  }

  public EventType type() {
    return type;
  }

  public Column column(int field) {
    return columns[field];
  }

  public long offset(int row) {
    return offsets.word(row);
  }

  public long time(int row) {
    return times.word(row);
  }

  /// Event times by row, in microseconds.
  public long[] times() {
    return times.words();
  }

  /// The original JSON that the leaves could not hold; see [EventRow].
  public Column.Text extras() {
    return extras;
  }

  public KeyIndex index(int field) {
    for (KeyIndex index : indexes) {
      if (index.field() == field) {
        return index;
      }
    }
    throw new IllegalArgumentException("no index on field " + field);
  }

  /// The first row whose offset is at least this one; `rows` where there is none.
  public int firstRow(long offset, int rows) {
    int low = 0;
    int high = rows;
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (offsets.word(middle) < offset) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  }

  /// Whether a block has no row with `from <= time < to`. The newest block may have grown since the
  /// reader's view; that can only widen it.
  public boolean blockMisses(int block, long from, long to) {
    return blockMax[block] < from || blockMin[block] >= to;
  }

  /// The greatest time in a block and all before it; perhaps of a row that the reader's view does
  /// not have yet.
  public long maxTimeThrough(int block) {
    return maxThrough[block];
  }

  /// Copies a row out.
  ///
  /// @return the only row of the batch
  public EventRow read(int row, RowBatch into) {
    read(new int[] {row}, 0, 1, into);
    return into.row(0);
  }

  /// Copies the rows `wanted[first]` to `wanted[first + count - 1]` out.
  public void read(int[] wanted, int first, int count, RowBatch into) {
    into.clear();
    for (int i = 0; i < count; i++) {
      int row = wanted[first + i];
      into.next().clear();
      into.add(offsets.word(row), times.word(row));
    }
    for (int i = 0; i < columns.length; i++) {
      columns[i].read(wanted, first, into, i);
    }
    extras.read(wanted, first, into, columns.length);
  }

  /// About how much memory it holds; for the writer.
  public long bytes() {
    long bytes = offsets.bytes() + times.bytes() + extras.bytes();
    for (Column column : columns) {
      bytes += column.bytes();
    }
    for (KeyIndex index : indexes) {
      bytes += index.bytes();
    }
    return bytes;
  }

  private static long[] filled(long value) {
    long[] values = new long[16];
    Arrays.fill(values, value);
    return values;
  }
}
