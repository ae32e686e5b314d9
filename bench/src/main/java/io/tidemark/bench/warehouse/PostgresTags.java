package io.tidemark.bench.warehouse;

import io.tidemark.bench.load.DayTags;
import io.tidemark.bench.process.Child;
import io.tidemark.bench.report.Progress;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.StringJoiner;
import java.util.function.Supplier;
import org.postgresql.PGConnection;
import org.postgresql.copy.CopyIn;

/// PostgreSQL in processes of its own, with the tags in a table and indices for these questions.
public final class PostgresTags implements Engine {
  private static final Duration PATIENCE = Duration.ofMinutes(2);
  private static final int ROWS_AT_A_TIME = 1_000;

  /// What one sets on a machine with memory for it; the rest is as it comes.
  private static final List<String> SETTINGS =
      List.of(
          "shared_buffers=2GB",
          "effective_cache_size=8GB",
          "work_mem=128MB",
          "maintenance_work_mem=1GB",
          "max_wal_size=8GB",
          "random_page_cost=1.1");

  private static final List<String> AFTER_LOADING =
      List.of(
          "CREATE INDEX ON user_tags (time)",
          "CREATE INDEX ON user_tags USING brin (time)",
          "CREATE INDEX ON user_tags (tag_id)",
          "CREATE INDEX ON user_tags (cookie)",
          "VACUUM ANALYZE user_tags",
          "CHECKPOINT");

  private final Child server;
  private final Connection connection;

  private PostgresTags(Child server, Connection connection) {
    this.server = server;
    this.connection = connection;
  }

  /// Starts it, with an empty table.
  ///
  /// @param work where its data and its log go
  public static PostgresTags start(Path root, Path work) throws IOException, InterruptedException {
    List<String> arguments = new ArrayList<>();
    arguments.add(work.resolve("postgres").toString());
    arguments.addAll(SETTINGS);
    Child server =
        Child.program(
            root.resolve("bench/yardsticks/target"),
            work.resolve("postgres.log"),
            List.of("-Xmx256m"),
            "io.tidemark.yardsticks.PostgresServer",
            arguments);
    try {
      String url = "jdbc:postgresql:" + server.awaitLine("ready at jdbc:postgresql:", PATIENCE);
      PostgresTags tags = new PostgresTags(server, DriverManager.getConnection(url));
      tags.run(
          "CREATE TABLE user_tags (time timestamp NOT NULL, cookie text NOT NULL, country text NOT NULL,"
              + " device text NOT NULL, action text NOT NULL, origin text NOT NULL, product_id text NOT NULL,"
              + " brand_id text NOT NULL, category_id text NOT NULL, price integer NOT NULL, tag_id text NOT NULL)");
      return tags;
    } catch (SQLException e) {
      server.close();
      throw new IOException("PostgreSQL: " + e.getMessage(), e);
    } catch (IOException | InterruptedException | RuntimeException e) {
      server.close();
      throw e;
    }
  }

  /// Loads by COPY, then makes the indices.
  ///
  /// @return how long it took, in seconds
  public double load(DayTags day) throws IOException {
    Progress progress = new Progress(name(), day.count());
    Supplier<DayTags.Row> rows = progress.of(day.rows());
    try {
      CopyIn copy =
          connection
              .unwrap(PGConnection.class)
              .getCopyAPI()
              .copyIn("COPY user_tags FROM STDIN (FORMAT csv)");
      StringBuilder lines = new StringBuilder();
      for (long i = 1; i <= day.count(); i++) {
        lines.append(rows.get().csv());
        if (i % ROWS_AT_A_TIME == 0 || i == day.count()) {
          byte[] bytes = lines.toString().getBytes(StandardCharsets.UTF_8);
          copy.writeToCopy(bytes, 0, bytes.length);
          lines.setLength(0);
        }
      }
      copy.endCopy();
      for (String sql : AFTER_LOADING) {
        run(sql);
      }
      return progress.end();
    } catch (SQLException e) {
      throw new IOException("PostgreSQL: " + e.getMessage(), e);
    }
  }

  /// The size of the table and its indices.
  public long bytes() throws IOException {
    List<String> rows = select("SELECT pg_total_relation_size('user_tags')");
    return Long.parseLong(rows.getFirst());
  }

  private void run(String sql) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  private List<String> select(String sql) throws IOException {
    List<String> rows = new ArrayList<>();
    try (Statement statement = connection.createStatement();
        ResultSet result = statement.executeQuery(sql)) {
      int columns = result.getMetaData().getColumnCount();
      while (result.next()) {
        StringJoiner row = new StringJoiner(" ");
        for (int c = 1; c <= columns; c++) {
          row.add(result.getString(c));
        }
        rows.add(row.toString());
      }
    } catch (SQLException e) {
      throw new IOException("PostgreSQL: " + e.getMessage(), e);
    }
    return rows;
  }

  @Override
  public String name() {
    return "PostgreSQL";
  }

  @Override
  public Reply ask(Question question) throws IOException {
    String sql = Dialect.POSTGRES.sql(question);
    long start = System.nanoTime();
    List<String> rows = select(sql);
    return new Reply((System.nanoTime() - start) / 1e6, rows);
  }

  @Override
  public void close() throws IOException {
    try {
      connection.close();
    } catch (SQLException e) {
      throw new IOException(e);
    } finally {
      server.close();
    }
  }
}
