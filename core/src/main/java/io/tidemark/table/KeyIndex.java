package io.tidemark.table;

import io.tidemark.event.EventRow;
import io.tidemark.event.FieldType;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/// Finds the rows of a key in a tail: for each key its last row, for each row the key's row before.
///
/// A key is the text of the indexed field: of an integer its decimal digits. Rows whose field is
/// null have no key.
public final class KeyIndex {
  /// There is no such row.
  public static final int NONE = -1;

  private static final VarHandle ROWS = MethodHandles.arrayElementVarHandle(int[].class);

  private final int field;
  private final boolean shared;
  private final Dictionary keys;
  private final Column column;
  private volatile int[] last = filled(Growth.MANY);
  private volatile int[] before = new int[Growth.MANY];

  KeyIndex(int field, FieldType type, Column column) {
    this.field = field;
    this.column = column;
    this.shared = column instanceof Column.Text;
    this.keys = column instanceof Column.Text text ? text.dictionary() : new Dictionary();
    if (!shared && type != FieldType.LONG) {
      throw new IllegalArgumentException("a key cannot be a " + type);
    }
  }

  int field() {
    return field;
  }

  /// Adds the rows that the column has just got, from `at` on.
  void append(int at, RowBatch batch) {
    int[] chain = before;
    if (at + batch.count > chain.length) {
      chain = Arrays.copyOf(chain, Math.max(at + batch.count, chain.length * 2));
      before = chain;
    }
    for (int i = 0; i < batch.count; i++) {
      int code = codeOf(at + i, batch.rows[i]);
      if (code == Dictionary.NONE) {
        chain[at + i] = NONE;
        continue;
      }
      int[] heads = headsFor(code);
      chain[at + i] = heads[code];
      // A reader that meets this row before it is published must find the one before it.
      ROWS.setRelease(heads, code, at + i);
    }
  }

  private int[] headsFor(int code) {
    int[] heads = last;
    if (code >= heads.length) {
      int[] longer = filled(Math.max(code + 1, heads.length * 2));
      System.arraycopy(heads, 0, longer, 0, heads.length);
      heads = longer;
      last = heads;
    }
    return heads;
  }

  private int codeOf(int at, EventRow row) {
    if (shared) {
      return ((Column.Text) column).codes()[at];
    }
    if (row.isNull(field)) {
      return Dictionary.NONE;
    }
    byte[] digits = Long.toString(row.word(field)).getBytes(StandardCharsets.US_ASCII);
    return keys.add(digits, 0, digits.length);
  }

  /// The last row of a key below `rows`, or [#NONE].
  public int lastRow(byte[] key, int rows) {
    int code = keys.find(key);
    int[] heads = last;
    if (code == Dictionary.NONE || code >= heads.length) {
      return NONE;
    }
    int row = (int) ROWS.getAcquire(heads, code);
    while (row >= rows) {
      row = before[row];
    }
    return row;
  }

  /// The key's row before this one, or [#NONE].
  public int rowBefore(int row) {
    return before[row];
  }

  /// How many keys there are; exact only for the writer or once the tail is frozen.
  public int keys() {
    return keys.size();
  }

  public byte[] key(int code) {
    return keys.value(code);
  }

  /// The last row of the key with this code, or [#NONE].
  public int lastRow(int code) {
    return code < last.length ? last[code] : NONE;
  }

  long bytes() {
    return last.length * 4L + before.length * 4L + (shared ? 0 : keys.bytes());
  }

  private static int[] filled(int length) {
    int[] rows = new int[length];
    Arrays.fill(rows, NONE);
    return rows;
  }
}
