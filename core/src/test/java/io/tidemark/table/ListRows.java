package io.tidemark.table;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Rows as lists of values: null, a Long for a word, or a byte array.
public record ListRows(TableShape shape, List<@Nullable Object[]> rows) implements Rows {
  @Override
  public int count() {
    return rows.size();
  }

  @Override
  public boolean isNull(int column, int row) {
    return rows.get(row)[column] == null;
  }

  @Override
  public long word(int column, int row) {
    return (Long) value(column, row);
  }

  @Override
  public byte[] bytes(int column, int row) {
    return (byte[]) value(column, row);
  }

  private Object value(int column, int row) {
    Object value = rows.get(row)[column];
    if (value == null) {
      throw new IllegalStateException("column " + column + " of row " + row + " is null");
    }
    return value;
  }

  /// The same rows in a later shape: columns by their names, null for those that are not here, and
  /// integers as doubles where those are wanted.
  public ListRows in(TableShape later) {
    if (later.equals(shape)) {
      return this;
    }
    List<String> names = shape.columns().stream().map(TableShape.ColumnSpec::name).toList();
    List<@Nullable Object[]> converted = new ArrayList<>();
    for (@Nullable Object[] row : rows) {
      @Nullable Object[] values = new Object[later.size()];
      for (int c = 0; c < values.length; c++) {
        int place = names.indexOf(later.columns().get(c).name());
        Object value = place < 0 ? null : row[place];
        boolean widened =
            value instanceof Long
                && later.columns().get(c).type() == TableShape.Type.DOUBLE
                && shape.columns().get(place).type() == TableShape.Type.LONG;
        values[c] =
            widened && value instanceof Long word
                ? (Object) Double.doubleToLongBits(word.doubleValue())
                : value;
      }
      converted.add(values);
    }
    return new ListRows(later, converted);
  }

  /// A copy of any rows.
  public static ListRows copyOf(Rows rows) {
    var copies = new ArrayList<@Nullable Object[]>();
    for (int row = 0; row < rows.count(); row++) {
      @Nullable Object[] copy = new Object[rows.shape().size()];
      for (int c = 0; c < copy.length; c++) {
        if (!rows.isNull(c, row)) {
          boolean word = rows.shape().columns().get(c).type().isWord();
          copy[c] = word ? (Object) rows.word(c, row) : rows.bytes(c, row).clone();
        }
      }
      copies.add(copy);
    }
    return new ListRows(rows.shape(), copies);
  }
}
