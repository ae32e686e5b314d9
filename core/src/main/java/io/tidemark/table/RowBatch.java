package io.tidemark.table;

import io.tidemark.event.EventRow;
import io.tidemark.event.EventType;

/// Some events on their way into a tail or out of it. A tail works on all rows of a batch column by
/// column and step by step: a value's place in memory is asked for while others are under way. Made
/// once and used again and again; for one thread.
public final class RowBatch {
  /// How many rows do well: more than memory can be asked for at once, few enough to stay in the
  /// cache.
  public static final int SIZE = 64;

  final EventRow[] rows;
  final long[] offsets;
  final long[] times;

  /// What a dictionary notes of each row while it looks them up.
  final int[] hashes;

  final long[] places;
  int count;

  /// @param size how many rows at most, mostly [#SIZE]
  public RowBatch(EventType type, int size) {
    this.rows = new EventRow[size];
    this.offsets = new long[size];
    this.times = new long[size];
    this.hashes = new int[size];
    this.places = new long[size];
    for (int i = 0; i < size; i++) {
      rows[i] = new EventRow(type);
    }
  }

  public int count() {
    return count;
  }

  public boolean isFull() {
    return count == rows.length;
  }

  public EventRow row(int i) {
    return rows[i];
  }

  /// The row behind the last one, to be filled: [#add] makes it one of the batch. What its texts
  /// lie in must not change before the batch is cleared.
  public EventRow next() {
    return rows[count];
  }

  /// @param timeMicros the event's time, in microseconds since 1970
  public void add(long offset, long timeMicros) {
    offsets[count] = offset;
    times[count] = timeMicros;
    count++;
  }

  public void clear() {
    count = 0;
  }
}
