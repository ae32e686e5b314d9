package io.tidemark.bench.warehouse;

import io.tidemark.bench.yardstick.DuckDb;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/// DuckDB in a process of its own, on plain Parquet files that it has written with its own
/// settings, in the order of time.
public final class DuckDbParquet implements Engine {
  /// Names as somebody would choose them who knows nothing of ours.
  private static final String COLUMNS =
      "_time AS time, cookie, country, device, action, origin, tag_id";

  private static final List<String> OF_PRODUCTS =
      List.of("product_id", "brand_id", "category_id", "price");

  private final DuckDb duckDb;

  private DuckDbParquet(DuckDb duckDb) {
    this.duckDb = duckDb;
  }

  /// Writes plain files from an export.
  ///
  /// @param exported one Parquet file
  /// @param plain a folder that is not there yet
  public static DuckDbParquet ofExport(Path root, Path work, Path exported, Path plain)
      throws IOException, InterruptedException {
    return of(root, work, "'" + exported + "'", "product_info.%s", plain);
  }

  /// Writes plain files from segments; in the order of time within each.
  ///
  /// @param segments a list in SQL
  /// @param plain a folder that is not there yet
  public static DuckDbParquet ofSegments(Path root, Path work, String segments, Path plain)
      throws IOException, InterruptedException {
    return of(root, work, segments, "\"product_info.%s\"", plain);
  }

  private static DuckDbParquet of(Path root, Path work, String source, String ofProduct, Path plain)
      throws IOException, InterruptedException {
    StringBuilder columns = new StringBuilder(COLUMNS);
    for (String column : OF_PRODUCTS) {
      columns.append(", ").append(ofProduct.formatted(column)).append(" AS ").append(column);
    }
    DuckDb duckDb = DuckDb.start(root, work);
    try {
      duckDb.run("SET temp_directory = '" + work.resolve("duckdb.tmp") + "'");
      duckDb.run(
          "COPY (SELECT %s FROM read_parquet(%s)) TO '%s' (FORMAT parquet, FILE_SIZE_BYTES '256MB')"
              .formatted(columns, source, plain));
      duckDb.run(
          "CREATE VIEW user_tags AS SELECT * FROM read_parquet('%s/*.parquet')".formatted(plain));
      return new DuckDbParquet(duckDb);
    } catch (IOException | InterruptedException | RuntimeException e) {
      duckDb.close();
      throw e;
    }
  }

  /// How many rows it has.
  public long rows() throws IOException, InterruptedException {
    return Long.parseLong(duckDb.run("SELECT count(*) FROM user_tags").rows().getFirst());
  }

  @Override
  public String name() {
    return "DuckDB on plain Parquet";
  }

  @Override
  public Reply ask(Question question) throws IOException, InterruptedException {
    DuckDb.Answer answer = duckDb.run(Dialect.DUCKDB.sql(question));
    return new Reply(answer.ms(), answer.rows());
  }

  @Override
  public void close() {
    duckDb.close();
  }
}
