package io.tidemark.server.duckdb;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeoutException;
import org.duckdb.DuckDBConnection;
import org.duckdb.DuckDBPreparedStatement;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class WorkersTest {
  private static final String TWICE = "SELECT 2 * ?::BIGINT";

  private DuckDBConnection database;
  private Workers workers;

  @BeforeEach
  void start() throws SQLException {
    database = DriverManager.getConnection("jdbc:duckdb:").unwrap(DuckDBConnection.class);
    workers =
        new Workers(
            1, Thread.ofPlatform().daemon().factory(), database, "SET enable_progress_bar = false");
  }

  @AfterEach
  void stop() throws SQLException {
    workers.close();
    database.close();
  }

  private static long number(DuckDBPreparedStatement statement) throws SQLException {
    try (var result = statement.executeQuery()) {
      result.next();
      return result.getLong(1);
    }
  }

  private static long twice(Task task, long number) throws SQLException {
    DuckDBPreparedStatement statement = task.keep(TWICE);
    statement.setLong(1, number);
    return number(statement);
  }

  @Test
  void aKeptStatementIsPreparedOnce() throws Exception {
    List<DuckDBPreparedStatement> kept = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      long number = i;
      workers.run(
          task -> {
            assertThat(twice(task, number)).isEqualTo(2 * number);
            kept.add(task.keep(TWICE));
          });
    }
    assertThat(kept).hasSize(3);
    assertThat(kept.get(2)).isSameAs(kept.get(0));
  }

  @Test
  void afterAFailureItIsPreparedAnew() throws Exception {
    workers.run(task -> assertThat(twice(task, 2)).isEqualTo(4));
    assertThatThrownBy(
            () ->
                workers.run(
                    task -> {
                      DuckDBPreparedStatement failing = task.keep("SELECT error(?)");
                      failing.setString(1, "no");
                      number(failing);
                    }))
        .isInstanceOf(SQLException.class);
    workers.run(task -> assertThat(twice(task, 3)).isEqualTo(6));
  }

  @Test
  void oneThatTakesTooLongIsCutShort() throws Exception {
    workers.run(task -> assertThat(twice(task, 2)).isEqualTo(4));
    assertThatThrownBy(
            () ->
                workers.run(
                    task -> {
                      twice(task, 1);
                      number(task.keep("SELECT sum(hash(i)) FROM range(1_000_000_000_000) t(i)"));
                    },
                    System.nanoTime() + Duration.ofMillis(200).toNanos()))
        .isInstanceOf(TimeoutException.class);
    workers.run(task -> assertThat(twice(task, 3)).isEqualTo(6));
  }
}
