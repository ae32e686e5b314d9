package io.tidemark.server.sql;

import io.tidemark.server.duckdb.Task;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.regex.Pattern;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;
import org.apache.arrow.vector.ipc.ArrowReader;
import org.apache.arrow.vector.ipc.ArrowStreamWriter;
import org.duckdb.DuckDBResultSet;

/// Rows as a stream of [Arrow](https://arrow.apache.org/docs/format/Columnar.html): DuckDB says the
/// types and makes the columns, batch by batch, and they are written as they are.
final class ArrowResult {
  /// As many as DuckDB works on at a time: a batch is a copy of what it has in memory of them.
  private static final long BATCH_ROWS = 2048;

  /// Of these Arrow would get DuckDB's own bytes, or half of what they say.
  private static final Pattern AS_TEXT =
      Pattern.compile("\\bBIGNUM\\b|\\bBIT\\b|\\bTIME WITH TIME ZONE\\b");

  private ArrowResult() {}

  /// The type with which a column says in Arrow what it says.
  static String exact(String type) {
    return WideIntegers.exact(
        ColumnCasts.unquoted(type, text -> AS_TEXT.matcher(text).replaceAll("VARCHAR")));
  }

  /// @return how many rows there are
  static long write(Task task, ResultSet result, OutputStream out)
      throws SQLException, IOException {
    long rows = 0;
    try (BufferAllocator memory = new RootAllocator();
        ArrowReader batches =
            (ArrowReader)
                result.unwrap(DuckDBResultSet.class).arrowExportStream(memory, BATCH_ROWS);
        ArrowStreamWriter writer =
            new ArrowStreamWriter(
                batches.getVectorSchemaRoot(), batches, Channels.newChannel(out))) {
      writer.start();
      while (next(batches)) {
        rows += batches.getVectorSchemaRoot().getRowCount();
        writer.writeBatch();
        task.throwIfCancelled();
      }
      writer.end();
    }
    return rows;
  }

  private static boolean next(ArrowReader batches) throws SQLException {
    try {
      return batches.loadNextBatch();
    } catch (IOException e) {
      throw new SQLException(e.getMessage(), e);
    }
  }
}
