package io.tidemark.table;

/// Rows in memory that are to be stored, in their order. Columns are those of the shape.
public interface Rows {
  /// No rows.
  static Rows none(TableShape shape) {
    return new Rows() {
      @Override
      public TableShape shape() {
        return shape;
      }

      @Override
      public int count() {
        return 0;
      }

      @Override
      public boolean isNull(int column, int row) {
        throw new IndexOutOfBoundsException(row);
      }

      @Override
      public long word(int column, int row) {
        throw new IndexOutOfBoundsException(row);
      }

      @Override
      public byte[] bytes(int column, int row) {
        throw new IndexOutOfBoundsException(row);
      }
    };
  }

  TableShape shape();

  int count();

  boolean isNull(int column, int row);

  /// The word of a column whose type [TableShape.Type#isWord]; undefined for null.
  long word(int column, int row);

  /// The bytes of a TEXT or BYTES column; undefined for null; not to be changed.
  byte[] bytes(int column, int row);

  /// Copies a stretch of a column of words.
  ///
  /// @param nulls where it is null; there, the word is undefined
  default void words(int column, int first, int count, long[] words, boolean[] nulls) {
    for (int i = 0; i < count; i++) {
      nulls[i] = isNull(column, first + i);
      words[i] = nulls[i] ? 0 : word(column, first + i);
    }
  }

  /// Copies a stretch of a column of TEXT or BYTES; null for null.
  default void texts(int column, int first, byte[][] texts) {
    for (int i = 0; i < texts.length; i++) {
      texts[i] = isNull(column, first + i) ? null : bytes(column, first + i);
    }
  }
}
