package io.tidemark.bench.yardstick;

import io.tidemark.bench.process.Child;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
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

/// DuckDB in a process of its own, with all cores, asked by SQL.
public final class DuckDb implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofMinutes(20);

  private final Child child;

  private DuckDb(Child child) {
    this.child = child;
  }

  /// What came of one statement.
  ///
  /// @param rows values between spaces
  public record Answer(double ms, List<String> rows) {
    public Answer {
      rows = List.copyOf(rows);
    }
  }

  /// Starts it.
  public static DuckDb start(Path root, Path work) throws IOException {
    return new DuckDb(Child.java(root, work.resolve("duckdb.log"), DuckDb.class));
  }

  /// Runs a statement.
  ///
  /// @param sql on one line
  /// @throws IOException where it fails; then there are no further answers
  public Answer run(String sql) throws IOException, InterruptedException {
    child.send(sql);
    double ms = Double.parseDouble(child.awaitLine("ms ", PATIENCE));
    String rows = child.awaitLine("rows ", PATIENCE);
    return new Answer(ms, rows.isEmpty() ? List.of() : List.of(rows.split(";", -1)));
  }

  @Override
  public void close() {
    child.close();
  }

  /// Runs statements one after another.
  ///
  /// @param statements each on one line
  public static List<Answer> run(Path root, Path work, List<String> statements)
      throws IOException, InterruptedException {
    List<Answer> answers = new ArrayList<>();
    try (DuckDb duckDb = start(root, work)) {
      for (String statement : statements) {
        answers.add(duckDb.run(statement));
      }
    }
    return answers;
  }

  /// Statements come by standard input, each on a line.
  public static void main(String[] args) throws IOException, SQLException {
    int cores = Runtime.getRuntime().availableProcessors();
    try (Connection connection = DriverManager.getConnection("jdbc:duckdb:");
        Statement statement = connection.createStatement();
        BufferedReader in =
            new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8))) {
      statement.execute("SET threads = " + cores);
      for (String sql = in.readLine(); sql != null; sql = in.readLine()) {
        long start = System.nanoTime();
        String rows = statement.execute(sql) ? rows(statement) : "";
        System.out.println("ms " + (System.nanoTime() - start) / 1e6);
        System.out.println("rows " + rows);
        System.out.flush();
      }
    }
  }

  private static String rows(Statement statement) throws SQLException {
    StringJoiner rows = new StringJoiner(";");
    try (ResultSet result = statement.getResultSet()) {
      while (result.next()) {
        StringJoiner row = new StringJoiner(" ");
        for (int c = 1; c <= result.getMetaData().getColumnCount(); c++) {
          row.add(String.valueOf(result.getObject(c)));
        }
        rows.add(row.toString());
      }
    }
    return rows.toString();
  }
}
