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
}
