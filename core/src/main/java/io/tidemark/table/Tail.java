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
  private volatile long[] blockMin = new long[16];
  private volatile long[] blockMax = new long[16];
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

  /// Appends an event; invisible until [#publish].
  public void append(EventRow row, long offset, long timeMicros) {
    int at = rows;
    if (at > 0 && offset <= offsets.word(at - 1)) {
      throw new IllegalStateException("offset " + offset + " after " + offsets.word(at - 1));
    }
    for (int i = 0; i < columns.length; i++) {
      columns[i].append(at, row, i);
    }
    offsets.append(at, offset);
    times.append(at, timeMicros);
    if (row.hasExtra()) {
      extras.appendText(at, row.text(), row.extraStart(), row.extraLength());
    } else {
      extras.append(at, Dictionary.NONE);
    }
    for (int i = 0; i < indexes.size(); i++) {
      indexes.get(i).append(at, row);
    }
    int block = at / BLOCK;
    if (at % BLOCK == 0) {
      if (block == blockMin.length) {
        blockMin = Arrays.copyOf(blockMin, block * 2);
        blockMax = Arrays.copyOf(blockMax, block * 2);
      }
      blockMin[block] = timeMicros;
      blockMax[block] = timeMicros;
    } else {
      blockMin[block] = Math.min(blockMin[block], timeMicros);
      blockMax[block] = Math.max(blockMax[block], timeMicros);
    }
    rows = at + 1;
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
  Column.Text extras() {
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

  /// Copies a row out.
  public void read(int row, EventRow into) {
    into.clear();
    for (int i = 0; i < columns.length; i++) {
      if (columns[i].isNull(row)) {
        continue;
      }
      switch (columns[i]) {
        case Column.Words words -> into.setWord(i, words.word(row));
        case Column.Text text -> {
          Dictionary values = text.dictionary();
          long place = values.place(text.codes()[row]);
          into.setText(i, values.chunk(place), Dictionary.start(place), Dictionary.length(place));
        }
      }
    }
    if (!extras.isNull(row)) {
      Dictionary values = extras.dictionary();
      long place = values.place(extras.codes()[row]);
      into.setExtra(values.chunk(place), Dictionary.start(place), Dictionary.length(place));
    }
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
}
