package io.tidemark.server.duckdb;

import io.tidemark.table.Rows;
import io.tidemark.table.TableShape.ColumnSpec;
import io.tidemark.table.TableShape.Type;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Base64;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.duckdb.DuckDBColumnType;
import org.duckdb.DuckDBDataChunkWriter;
import org.duckdb.DuckDBFunctions;
import org.duckdb.DuckDBTableFunction;
import org.duckdb.DuckDBTableFunctionBindInfo;
import org.duckdb.DuckDBTableFunctionBuilder;
import org.duckdb.DuckDBTableFunctionCallInfo;
import org.duckdb.DuckDBTableFunctionInitInfo;
import org.duckdb.DuckDBWritableVector;

/// The table function `tidemark_rows(n)`: rows in memory as a table with the columns `c0`, `c1`, …
///
/// It knows few types. Instants come as integers and bytes in base 64; [#select] makes them what
/// they are.
public final class RowsFunction
    implements DuckDBTableFunction<Rows, RowsFunction.Progress, Object> {
  private static final String NAME = "tidemark_rows";

  /// Rows being written, by the number under which SQL knows them.
  private final Map<Long, Rows> sources = new ConcurrentHashMap<>();

  private final AtomicLong next = new AtomicLong();

  /// How far one run of the function has come.
  static final class Progress {
    /// The columns that are wanted, in the order in which they are.
    private final int[] columns;

    private int row;
    private byte[][] texts = new byte[0][];

    Progress(int[] columns) {
      this.columns = columns;
    }
  }

  /// Makes the function known to a database.
  public static RowsFunction register(Connection database) throws SQLException {
    RowsFunction function = new RowsFunction();
    try (DuckDBTableFunctionBuilder builder = DuckDBFunctions.tableFunction()) {
      builder
          .withName(NAME)
          .withParameter(Long.class)
          .withProjectionPushdown()
          .withFunction(function)
          .register(database);
    }
    return function;
  }

  /// Makes rows readable until [#remove].
  ///
  /// @return their number
  public long add(Rows rows) {
    long number = next.getAndIncrement();
    sources.put(number, rows);
    return number;
  }

  public void remove(long number) {
    sources.remove(number);
  }

  /// A query for rows with the names and types they have in files.
  public static String select(long number, Rows rows) {
    var names = Sql.columnNames(rows.shape());
    return IntStream.range(0, rows.shape().size())
        .mapToObj(
            c ->
                stored(rows.shape().columns().get(c).type(), "c" + c)
                    + " AS "
                    + Sql.identifier(names.get(c)))
        .collect(Collectors.joining(", ", "SELECT ", " FROM " + NAME + "(" + number + ")"));
  }

  private static String stored(Type type, String column) {
    return switch (type) {
      case BOOLEAN, LONG, DOUBLE, TEXT -> column;
      case TIMESTAMP -> Timestamps.fromMicros(column);
      case BYTES -> "from_base64(" + column + ")";
    };
  }

  @Override
  public Rows bind(DuckDBTableFunctionBindInfo info) {
    Rows rows;
    try (var number = info.getParameter(0)) {
      rows = sources.get(number.getLong());
    }
    if (rows == null) {
      throw new IllegalArgumentException("no such rows");
    }
    for (int c = 0; c < rows.shape().size(); c++) {
      ColumnSpec column = rows.shape().columns().get(c);
      info.addResultColumn(
          "c" + c,
          switch (column.type()) {
            case BOOLEAN -> DuckDBColumnType.BOOLEAN;
            case LONG, TIMESTAMP -> DuckDBColumnType.BIGINT;
            case DOUBLE -> DuckDBColumnType.DOUBLE;
            case TEXT, BYTES -> DuckDBColumnType.VARCHAR;
          });
    }
    info.setCardinality(rows.count(), true);
    return rows;
  }

  @Override
  public Progress init(DuckDBTableFunctionInitInfo info) {
    info.setMaxThreads(1);
    return new Progress(
        IntStream.range(0, (int) info.getColumnCount())
            .map(i -> (int) info.getColumnIndex(i))
            .toArray());
  }

  @Override
  public long apply(DuckDBTableFunctionCallInfo call, DuckDBDataChunkWriter chunk) {
    Rows rows = call.getBindData();
    Progress progress = call.getInitData();
    int count = (int) Math.min(chunk.capacity(), rows.count() - progress.row);
    if (count == 0) {
      return 0;
    }
    if (progress.texts.length != count) {
      progress.texts = new byte[count][];
    }
    for (int i = 0; i < progress.columns.length; i++) {
      int c = progress.columns[i];
      if (c < 0 || c >= rows.shape().size()) {
        // Only how many rows there are is wanted.
        continue;
      }
      DuckDBWritableVector into = chunk.vector(i);
      Type type = rows.shape().columns().get(c).type();
      if (type.isWord()) {
        copyWords(rows, c, type, progress.row, count, into);
      } else {
        copyTexts(rows, c, type, progress, into);
      }
    }
    progress.row += count;
    return count;
  }

  private static void copyWords(
      Rows rows, int column, Type type, int first, int count, DuckDBWritableVector into) {
    for (int i = 0; i < count; i++) {
      if (rows.isNull(column, first + i)) {
        into.setNull(i);
        continue;
      }
      long word = rows.word(column, first + i);
      if (type == Type.BOOLEAN) {
        into.setBoolean(i, word != 0);
      } else if (type == Type.DOUBLE) {
        into.setDouble(i, oneNaN(Double.longBitsToDouble(word)));
      } else {
        into.setLong(i, word);
      }
    }
  }

  /// A dictionary in a file takes all NaNs for one, so that one must not depend on the neighbours.
  private static double oneNaN(double value) {
    return Double.isNaN(value) ? Double.NaN : value;
  }

  private static void copyTexts(
      Rows rows, int column, Type type, Progress progress, DuckDBWritableVector into) {
    byte[][] texts = progress.texts;
    for (int i = 0; i < texts.length; i++) {
      int row = progress.row + i;
      if (rows.isNull(column, row)) {
        texts[i] = null;
      } else {
        byte[] bytes = rows.bytes(column, row);
        texts[i] = type == Type.BYTES ? Base64.getEncoder().encode(bytes) : bytes;
      }
    }
    try {
      into.setStringUtf8Batch(0, texts);
    } catch (DuckDBFunctions.FunctionException e) {
      // Somebody's text is not UTF-8; the rows must be stored all the same.
      for (int i = 0; i < texts.length; i++) {
        if (texts[i] != null) {
          texts[i] = new String(texts[i], StandardCharsets.UTF_8).getBytes(StandardCharsets.UTF_8);
        }
      }
      into.setStringUtf8Batch(0, texts);
    }
  }
}
