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
import java.util.concurrent.atomic.AtomicInteger;
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
  private final int threads;

  private RowsFunction(int threads) {
    this.threads = threads;
  }

  /// How far one run of the function has come.
  static final class Progress {
    /// The columns that are wanted, in the order in which they are.
    private final int[] columns;

    /// The first row that no run has taken yet.
    private final AtomicInteger next = new AtomicInteger();

    Progress(int[] columns) {
      this.columns = columns;
    }
  }

  /// Makes the function known to a database. Rows come in their order.
  public static RowsFunction register(Connection database) throws SQLException {
    return register(database, 1);
  }

  /// The same for so many threads at a time: with more than one, rows come in any order.
  public static RowsFunction register(Connection database, int threads) throws SQLException {
    RowsFunction function = new RowsFunction(threads);
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
    info.setMaxThreads(threads);
    return new Progress(
        IntStream.range(0, (int) info.getColumnCount())
            .map(i -> (int) info.getColumnIndex(i))
            .toArray());
  }

  @Override
  public long apply(DuckDBTableFunctionCallInfo call, DuckDBDataChunkWriter chunk) {
    Rows rows = call.getBindData();
    Progress progress = call.getInitData();
    int most = (int) chunk.capacity();
    int first = progress.next.getAndUpdate(n -> Math.min(n + most, rows.count()));
    int count = Math.min(most, rows.count() - first);
    for (int i = 0; count > 0 && i < progress.columns.length; i++) {
      int c = progress.columns[i];
      if (c < 0 || c >= rows.shape().size()) {
        // Only how many rows there are is wanted.
        continue;
      }
      DuckDBWritableVector into = chunk.vector(i);
      Type type = rows.shape().columns().get(c).type();
      if (type.isWord()) {
        copyWords(rows, c, type, first, count, into);
      } else {
        copyTexts(rows, c, type, first, new byte[count][], into);
      }
    }
    return count;
  }

  private static void copyWords(
      Rows rows, int column, Type type, int first, int count, DuckDBWritableVector into) {
    long[] words = new long[count];
    boolean[] nulls = new boolean[count];
    rows.words(column, first, count, words, nulls);
    for (int i = 0; i < count; i++) {
      if (nulls[i]) {
        into.setNull(i);
      } else if (type == Type.BOOLEAN) {
        into.setBoolean(i, words[i] != 0);
      } else if (type == Type.DOUBLE) {
        into.setDouble(i, oneNaN(Double.longBitsToDouble(words[i])));
      } else {
        into.setLong(i, words[i]);
      }
    }
  }

  /// A dictionary in a file takes all NaNs for one, so that one must not depend on the neighbours.
  private static double oneNaN(double value) {
    return Double.isNaN(value) ? Double.NaN : value;
  }

  private static void copyTexts(
      Rows rows, int column, Type type, int first, byte[][] texts, DuckDBWritableVector into) {
    rows.texts(column, first, texts);
    for (int i = 0; type == Type.BYTES && i < texts.length; i++) {
      if (texts[i] != null) {
        texts[i] = Base64.getEncoder().encode(texts[i]);
      }
    }
    try {
      into.setStringUtf8Batch(0, texts);
    } catch (DuckDBFunctions.FunctionException e) {
      // Somebody's text is not UTF-8; the rows must be stored all the same.
      for (int i = 0; i < texts.length; i++) {
        if (texts[i] != null) {
          texts[i] = stored(texts[i]);
        }
      }
      into.setStringUtf8Batch(0, texts);
    }
  }

  /// What a text is stored as: itself, or where it is not UTF-8, as Java decodes it.
  static byte[] stored(byte[] text) {
    for (byte b : text) {
      if (b < 0) {
        return new String(text, StandardCharsets.UTF_8).getBytes(StandardCharsets.UTF_8);
      }
    }
    return text;
  }
}
