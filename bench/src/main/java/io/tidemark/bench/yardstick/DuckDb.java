package io.tidemark.bench.yardstick;

import io.tidemark.bench.process.Child;
import java.io.IOException;
import java.nio.file.Files;
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
public final class DuckDb {
  private static final Duration PATIENCE = Duration.ofMinutes(20);

  private DuckDb() {}

  /// What came of one statement.
  ///
  /// @param rows values between spaces
  public record Answer(double ms, List<String> rows) {
    public Answer {
      rows = List.copyOf(rows);
    }
  }

  /// Runs statements one after another.
  ///
  /// @param statements each on one line
  public static List<Answer> run(Path root, Path work, List<String> statements)
      throws IOException, InterruptedException {
    Path file = work.resolve("statements.sql");
    Files.write(file, statements);
    List<Answer> answers = new ArrayList<>();
    try (Child child =
        Child.java(root, work.resolve("duckdb.log"), DuckDb.class, file.toString())) {
      for (int i = 0; i < statements.size(); i++) {
        double ms = Double.parseDouble(child.awaitLine("ms ", PATIENCE));
        String rows = child.awaitLine("rows ", PATIENCE);
        answers.add(new Answer(ms, rows.isEmpty() ? List.of() : List.of(rows.split(";", -1))));
      }
    }
    return answers;
  }

  /// @param args a file with a statement on each line
  public static void main(String[] args) throws IOException, SQLException {
    int cores = Runtime.getRuntime().availableProcessors();
    try (Connection connection = DriverManager.getConnection("jdbc:duckdb:");
        Statement statement = connection.createStatement()) {
      statement.execute("SET threads = " + cores);
      for (String sql : Files.readAllLines(Path.of(args[0]))) {
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
