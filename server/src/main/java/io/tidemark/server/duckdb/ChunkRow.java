package io.tidemark.server.duckdb;

import io.tidemark.table.Scan;
import io.tidemark.table.TableShape;
import io.tidemark.table.TableShape.Type;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import org.duckdb.DuckDBDataChunkReader;
import org.duckdb.DuckDBReadableVector;

/// The rows of the result of a [ScanSql], one after the other.
final class ChunkRow implements Scan.Row {
  private final Type[] types;
  private final DuckDBReadableVector[] vectors;
  private long row;
  private boolean complete;

  ChunkRow(TableShape shape, Scan scan) {
    this.types =
        scan.columns().stream()
            .map(c -> c == Scan.FILE ? Type.LONG : shape.columns().get(c).type())
            .toArray(Type[]::new);
    this.vectors = new DuckDBReadableVector[types.length];
  }

  void visit(DuckDBDataChunkReader chunk, Scan.Visitor visitor) {
    for (int c = 0; c < vectors.length; c++) {
      vectors[c] = chunk.vector(1 + c);
    }
    long found = chunk.rowCount();
    if (!chunk.vector(0).getBoolean(found - 1)) {
      complete = true;
      found--;
    }
    for (row = 0; row < found; row++) {
      visitor.visit(this);
    }
  }

  /// Nothing is read, so there is nothing to be missed.
  void end() {
    complete = true;
  }

  /// Whether the row that ends every result has come.
  boolean isComplete() {
    return complete;
  }

  @Override
  public boolean isNull(int column) {
    return vectors[column].isNull(row);
  }

  @Override
  public long word(int column) {
    return switch (types[column]) {
      case BOOLEAN -> vectors[column].getBoolean(row) ? 1 : 0;
      case LONG, TIMESTAMP -> vectors[column].getLong(row);
      case DOUBLE -> Double.doubleToRawLongBits(vectors[column].getDouble(row));
      case TEXT, BYTES -> throw new IllegalArgumentException("column " + column + " is no word");
    };
  }

  @Override
  public byte[] bytes(int column) {
    String text = vectors[column].getString(row);
    return switch (types[column]) {
      case TEXT -> text.getBytes(StandardCharsets.UTF_8);
      case BYTES -> Base64.getDecoder().decode(text);
      default -> throw new IllegalArgumentException("column " + column + " is a word");
    };
  }
}
