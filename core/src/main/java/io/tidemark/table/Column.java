package io.tidemark.table;

import io.tidemark.event.EventRow;
import io.tidemark.event.FieldType;
import java.util.Arrays;

/// The values of one leaf in a tail, one per row. One writer, many readers of published rows.
public abstract sealed class Column {
  static Column of(FieldType type) {
    return type.isText() ? new Text() : new Words();
  }

  /// Appends the field's value of a row; `at` is the number of values so far.
  abstract void append(int at, EventRow row, int field);

  public abstract boolean isNull(int row);

  /// About how much memory it holds.
  abstract long bytes();

  /// Booleans, integers, doubles and instants, each one word.
  public static final class Words extends Column {
    private volatile long[] values = new long[256];

    /// Bit r is set where row r is null; empty while no row is.
    private volatile long[] nulls = new long[0];

    @Override
    void append(int at, EventRow row, int field) {
      if (row.isNull(field)) {
        appendNull(at);
      } else {
        append(at, row.word(field));
      }
    }

    void append(int at, long word) {
      long[] words = values;
      if (at == words.length) {
        words = Arrays.copyOf(words, at * 2);
        words[at] = word;
        values = words;
      } else {
        words[at] = word;
      }
    }

    private void appendNull(int at) {
      append(at, 0L);
      int index = at >>> 6;
      if (index >= nulls.length) {
        nulls = Arrays.copyOf(nulls, Math.max(values.length >>> 6, index + 1));
      }
      nulls[index] |= 1L << at;
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
    private volatile int[] codes = new int[256];

    @Override
    void append(int at, EventRow row, int field) {
      int code =
          row.isNull(field)
              ? Dictionary.NONE
              : dictionary.add(row.text(), row.textStart(field), row.textLength(field));
      append(at, code);
    }

    void appendText(int at, byte[] source, int start, int length) {
      append(at, dictionary.add(source, start, length));
    }

    void append(int at, int code) {
      int[] current = codes;
      if (at == current.length) {
        current = Arrays.copyOf(current, at * 2);
        current[at] = code;
        codes = current;
      } else {
        current[at] = code;
      }
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
