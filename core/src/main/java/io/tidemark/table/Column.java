package io.tidemark.table;

import io.tidemark.event.EventRow;
import io.tidemark.event.FieldType;
import java.util.Arrays;

/// The values of one leaf in a tail, one per row. One writer, many readers of published rows.
public abstract sealed class Column {
  static Column of(FieldType type) {
    return type.isText() ? new Text() : new Words();
  }

  /// Appends the field's values of a batch's rows; `at` is the number of values so far.
  abstract void append(int at, RowBatch batch, int field);

  /// Sets the field in the first rows of a batch to the values of these rows here.
  abstract void read(int[] rows, int first, RowBatch into, int field);

  public abstract boolean isNull(int row);

  /// About how much memory it holds.
  abstract long bytes();

  /// Booleans, integers, doubles and instants, each one word.
  public static final class Words extends Column {
    private volatile long[] values = new long[Growth.MANY];

    /// Bit r is set where row r is null; empty while no row is.
    private volatile long[] nulls = new long[0];

    @Override
    void append(int at, RowBatch batch, int field) {
      long[] words = roomFor(at + batch.count);
      for (int i = 0; i < batch.count; i++) {
        EventRow row = batch.rows[i];
        if (row.isNull(field)) {
          setNull(at + i);
        } else {
          words[at + i] = row.word(field);
        }
      }
    }

    void append(int at, long[] added, int count) {
      System.arraycopy(added, 0, roomFor(at + count), at, count);
    }

    private long[] roomFor(int count) {
      long[] words = values;
      if (count > words.length) {
        words = Arrays.copyOf(words, Math.max(count, words.length * 2));
        values = words;
      }
      return words;
    }

    private void setNull(int row) {
      int index = row >>> 6;
      if (index >= nulls.length) {
        nulls = Arrays.copyOf(nulls, Math.max(values.length >>> 6, index + 1));
      }
      nulls[index] |= 1L << row;
    }

    @Override
    void read(int[] rows, int first, RowBatch into, int field) {
      long[] words = values;
      for (int i = 0; i < into.count; i++) {
        int row = rows[first + i];
        if (!isNull(row)) {
          into.rows[i].setWord(field, words[row]);
        }
      }
    }

    @Override
    public boolean isNull(int row) {
      long[] bits = nulls;
      int index = row >>> 6;
      return index < bits.length && (bits[index] & 1L << row) != 0;
    }

    /// The words by row; an array at least as long as the published rows.
    public long[] words() {
      return values;
    }

    public long word(int row) {
      return values[row];
    }

    @Override
    long bytes() {
      return values.length * 8L + nulls.length * 8L;
    }
  }

  /// Strings and JSON texts, each a code of the column's dictionary; [Dictionary#NONE] is null.
  public static final class Text extends Column {
    private final Dictionary dictionary = new Dictionary();
    private volatile int[] codes = new int[Growth.MANY];

    @Override
    void append(int at, RowBatch batch, int field) {
      int[] current = codes;
      if (at + batch.count > current.length) {
        current = Arrays.copyOf(current, Math.max(at + batch.count, current.length * 2));
        codes = current;
      }
      dictionary.add(batch, field, current, at);
    }

    @Override
    void read(int[] rows, int first, RowBatch into, int field) {
      dictionary.read(codes, rows, first, into, field);
    }

    public Dictionary dictionary() {
      return dictionary;
    }

    /// The codes by row; an array at least as long as the published rows.
    public int[] codes() {
      return codes;
    }

    @Override
    public boolean isNull(int row) {
      return codes[row] == Dictionary.NONE;
    }

    @Override
    long bytes() {
      return codes.length * 4L + dictionary.bytes();
    }
  }
}
