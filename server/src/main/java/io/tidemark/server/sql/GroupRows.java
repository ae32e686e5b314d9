package io.tidemark.server.sql;

import io.tidemark.rollup.Groups;
import io.tidemark.table.Rows;
import io.tidemark.table.TableShape;
import io.tidemark.table.TableShape.Type;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/// The groups of a rollup as rows: the bucket's start, the dimensions, and what its measures come
/// to.
final class GroupRows implements Rows {
  private static final int FIRST_DIMENSION = 1;

  private final TableShape shape;
  private final Groups groups;

  GroupRows(TableShape shape, Groups groups) {
    this.shape = shape;
    this.groups = groups;
  }

  @Override
  public TableShape shape() {
    return shape;
  }

  @Override
  public int count() {
    return groups.count();
  }

  private boolean isMeasure(int column) {
    return column >= FIRST_DIMENSION + groups.dimensions();
  }

  private @Nullable Number result(int column, int row) {
    return groups.result(row, column - FIRST_DIMENSION - groups.dimensions());
  }

  @Override
  public boolean isNull(int column, int row) {
    if (column < FIRST_DIMENSION) {
      return false;
    }
    return isMeasure(column)
        ? result(column, row) == null
        : groups.isNull(row, column - FIRST_DIMENSION);
  }

  @Override
  public long word(int column, int row) {
    if (column < FIRST_DIMENSION) {
      return groups.bucket(row);
    } else if (!isMeasure(column)) {
      return groups.word(row, column - FIRST_DIMENSION);
    }
    Number result = java.util.Objects.requireNonNull(result(column, row));
    return shape.columns().get(column).type() == Type.DOUBLE
        ? Double.doubleToRawLongBits(result.doubleValue())
        : result.longValue();
  }

  @Override
  public byte[] bytes(int column, int row) {
    return isMeasure(column)
        ? String.valueOf(result(column, row)).getBytes(StandardCharsets.US_ASCII)
        : groups.text(row, column - FIRST_DIMENSION);
  }
}
