package io.tidemark.server.sql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import io.tidemark.query.SqlFormat;
import io.tidemark.query.SqlQuestion;
import io.tidemark.query.SqlRefusedException;
import io.tidemark.query.SqlRefusedException.Reason;
import io.tidemark.server.sql.SqlPlanner.Plan;
import io.tidemark.shard.HeldShards;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/// What a question in SQL may not do, whatever it tries. Most of it is stopped before it is
/// planned; that the second line holds by itself is tried apart, with the first one left out.
class SqlTricksTest {
  @TempDir private static Path folder;
  private static SqlLab lab;

  @BeforeAll
  static void start() throws IOException {
    lab = new SqlLab(folder, 1, Optional.empty(), 128L << 20);
    lab.add(0, 0, row -> row.setText(SqlLab.ACTION, "BUY"));
    lab.checkpoint(0);
  }

  @AfterAll
  static void stop() throws IOException {
    lab.close();
  }

  private static Arguments trick(Reason reason, String sql) {
    return Arguments.of(reason, sql);
  }

  private static Arguments trick(String sql) {
    return trick(Reason.NOT_ALLOWED, sql);
  }

  static Stream<Arguments> tricks() {
    return Stream.of(
        // Other statements.
        trick("COPY tags TO '/tmp/tags.csv'"),
        trick("COPY (SELECT 1) TO '/tmp/x.parquet' (FORMAT parquet)"),
        trick("COPY tags FROM '/etc/passwd'"),
        trick("ATTACH '/tmp/x.db' AS x"),
        trick("DETACH memory"),
        trick("USE memory"),
        trick("INSTALL httpfs"),
        trick("LOAD httpfs"),
        trick("PRAGMA database_list"),
        trick("SET memory_limit = '100GB'"),
        trick("RESET memory_limit"),
        trick("CREATE TABLE x AS SELECT 1"),
        trick("CREATE MACRO f() AS 1"),
        trick("CREATE SECRET s (TYPE s3)"),
        trick("DROP VIEW tags"),
        trick("INSERT INTO tags SELECT * FROM tags RETURNING *"),
        trick("UPDATE tags SET action = 'x' RETURNING *"),
        trick("DELETE FROM tags RETURNING *"),
        trick("TRUNCATE tags"),
        trick("CALL duckdb_settings()"),
        trick("PREPARE p AS SELECT 1"),
        trick("EXECUTE p"),
        trick("CHECKPOINT"),
        trick("BEGIN"),
        trick("EXPORT DATABASE '/tmp/x'"),
        trick("EXPLAIN ANALYZE SELECT 1"),
        trick("explain\tanalyze SELECT 1"),
        trick("EXPLAIN COPY tags TO '/tmp/x'"),
        trick("PIVOT tags ON action USING count(*)"),
        trick("FROM (PIVOT tags ON action)"),
        // More than one.
        trick("SELECT 1; SELECT 2"),
        trick("SELECT 1; COPY tags TO '/tmp/x'"),
        trick("SELECT 1 /* ; */; DROP VIEW tags -- "),
        // Statements in disguise.
        trick("SHOW TABLES"),
        trick("DESCRIBE tags"),
        trick("SUMMARIZE tags"),
        trick("SELECT * FROM (DESCRIBE tags)"),
        trick("SELECT * FROM (SHOW ALL TABLES)"),
        trick("WITH x AS (INSERT INTO tags VALUES (1) RETURNING *) SELECT * FROM x"),
        trick("SELECT * FROM tags PIVOT (count(*) FOR action IN ('BUY'))"),
        trick("UNPIVOT tags ON action INTO NAME n VALUE v"),
        // Files and networks.
        trick("SELECT * FROM read_csv('/etc/passwd')"),
        trick("SELECT * FROM read_text('/etc/passwd')"),
        trick("SELECT * FROM READ_BLOB('/etc/passwd')"),
        trick("SELECT * FROM \"read_text\"('/etc/passwd')"),
        trick("SELECT * FROM read_json_auto('https://example.com/x.json')"),
        trick("SELECT * FROM glob('/etc/*')"),
        trick("SELECT * FROM sniff_csv('/etc/passwd')"),
        trick("SELECT * FROM parquet_metadata('/tmp/x.parquet')"),
        trick("SELECT * FROM parquet_scan('/tmp/x.parquet')"),
        trick("SELECT (SELECT content FROM read_text('/etc/passwd'))"),
        trick("SELECT * FROM tags, LATERAL (SELECT * FROM read_text(action))"),
        trick("SELECT * FROM tags WHERE action IN (SELECT content FROM read_text('/etc/passwd'))"),
        trick("SELECT [x FOR x IN (SELECT content FROM read_text('/etc/passwd'))]"),
        trick("SELECT * FROM range((SELECT count(*) FROM read_text('/etc/passwd')))"),
        trick("SELECT 1 ORDER BY (SELECT content FROM read_text('/etc/passwd'))"),
        trick("SELECT 1 LIMIT (SELECT count(*) FROM glob('/etc/*'))"),
        trick("SELECT sum(1) OVER (ORDER BY (SELECT count(*) FROM glob('/etc/*')))"),
        trick("VALUES ((SELECT content FROM read_text('/etc/passwd')))"),
        trick("SELECT 1 UNION ALL SELECT content FROM read_text('/etc/passwd')"),
        trick(Reason.UNKNOWN_TABLE, "SELECT * FROM '/etc/passwd'"),
        trick(Reason.UNKNOWN_TABLE, "SELECT * FROM \"file.parquet\""),
        trick(Reason.UNKNOWN_TABLE, "FROM 'https://example.com/x.csv'"),
        trick("WITH \"/etc/passwd\" AS (SELECT 1) SELECT * FROM \"/etc/passwd\""),
        trick(
            "SELECT * FROM (WITH \"x.csv\" AS (SELECT 1) SELECT * FROM \"x.csv\") a, \"x.csv\" b"),
        // Settings, environment, catalogs.
        trick("SELECT getenv('HOME')"),
        trick("SELECT current_setting('memory_limit')"),
        trick("SELECT * FROM duckdb_settings()"),
        trick("SELECT * FROM duckdb_secrets()"),
        trick("SELECT * FROM pragma_version()"),
        trick(Reason.UNKNOWN_TABLE, "SELECT * FROM duckdb_tables"),
        trick(Reason.UNKNOWN_TABLE, "SELECT * FROM sqlite_master"),
        trick("SELECT * FROM information_schema.tables"),
        trick("SELECT * FROM pg_catalog.pg_class"),
        trick("SELECT * FROM memory.main.tags"),
        trick("SELECT * FROM main.tags"),
        trick("SELECT system.main.current_setting('memory_limit')"),
        trick("SELECT nextval('s')"),
        trick("SELECT setseed(0.5)"),
        trick("SELECT pg_sleep(100)"),
        trick("SELECT write_log('x')"),
        trick("SELECT getvariable('x')"),
        trick("SELECT current_query()"),
        // SQL in SQL.
        trick("SELECT * FROM query('SELECT 1')"),
        trick("SELECT * FROM query_table('tags')"),
        trick("SELECT * FROM query_table(['tags'])"),
        trick("SELECT * FROM json_execute_serialized_sql(json_serialize_sql('SELECT 1'))"),
        trick("SELECT json_serialize_plan('SELECT * FROM read_text(''/etc/passwd'')')"),
        trick("SELECT json_deserialize_sql('{}')"),
        trick("SELECT * FROM seq_scan('tags')"),
        // What this node has for itself.
        trick("SELECT * FROM tidemark_rows(0)"),
        trick("SELECT tidemark_rows(0)"),
        trick(Reason.UNKNOWN_TABLE, "SELECT * FROM _stub_0"),
        trick(
            "SELECT b.sql FROM (WITH duckdb_views AS (SELECT 1 x) SELECT x FROM duckdb_views) a, duckdb_views b"),
        trick("WITH duckdb_views AS (SELECT sql FROM duckdb_views) SELECT * FROM duckdb_views"),
        trick("WITH pg_settings AS (SELECT 1) SELECT * FROM pg_settings"),
        trick("WITH \"SQLITE_MASTER\" AS (SELECT 1) SELECT * FROM sqlite_master"),
        trick("WITH _stub_0 AS (SELECT 1) SELECT * FROM _stub_0"),
        trick("SELECT json_contains('" + "[".repeat(30_000) + "]".repeat(30_000) + "', '1')"),
        trick("SELECT from_json('1', '[\"INT\"]')"),
        trick("SELECT json_structure('{}')"),
        trick("SELECT '[]'::JSON::VARIANT"),
        trick("SELECT levenshtein('a', 'b')"),
        trick("SELECT list_reduce(['a', 'b'], lambda a, b: a || a)"),
        trick("SELECT replace('aaa', 'a', 'aaa' || 'aaa')"),
        trick("SELECT regexp_replace('aaa', 'a', '" + "x".repeat(65) + "')"),
        trick("SELECT " + "a.".repeat(40) + "a"),
        // What looks like something else.
        trick(Reason.UNKNOWN_TABLE, "SELECT * FROM t\u0430gs"),
        trick(Reason.UNKNOWN_TABLE, "SELECT * FROM \"tags\u200b\""),
        trick("SELECT * FROM re\u0430d_text('/etc/passwd')"),
        trick("SELECT * FROM /* tags */ read_text /* ( */ ('/etc/passwd')"),
        trick("SELECT 'a'.read_text()"),
        trick("SELECT list_transform(['/etc/passwd'], lambda x: getenv(x))"),
        trick("SELECT COLUMNS(lambda c: getenv(c) IS NULL) FROM tags"),
        trick("SELECT * REPLACE (getenv('HOME') AS action) FROM tags"),
        trick("SELECT count(*) FILTER (WHERE getenv('HOME') = 'x') FROM tags"),
        trick("SELECT * FROM tags AT (VERSION => 1)"),
        trick(Reason.BAD_SQL, "SELECT 1 \0"),
        trick(Reason.BAD_SQL, ""),
        trick(Reason.BAD_SQL, "-- nothing"),
        // What does not come to an end.
        trick(
            Reason.TOO_SLOW,
            "WITH RECURSIVE r AS (SELECT 1 AS i UNION ALL SELECT i + 1 FROM r) SELECT count(*) FROM r"),
        trick(
            Reason.TOO_SLOW,
            "SELECT count(*) FROM range(1000000) a, range(10000000) b WHERE a.range + b.range = 7"),
        trick(Reason.TOO_MANY_ROWS, "SELECT * FROM range(1000000) a, range(1000000) b"),
        trick(Reason.TOO_MUCH_MEMORY, "SELECT list(range) FROM range(500000000)"),
        trick(Reason.TOO_MUCH_MEMORY, "SELECT string_agg(range::VARCHAR) FROM range(500000000)"),
        trick(
            Reason.TOO_MUCH_MEMORY,
            "WITH RECURSIVE r AS (SELECT 'x' AS s UNION ALL SELECT s || s FROM r) SELECT max(length(s)) FROM r"),
        trick(
            Reason.TOO_LARGE,
            "SELECT (SELECT string_agg(range::VARCHAR) FROM range(1000)) FROM range(9000)"),
        // What takes far more room than it says.
        trick("SELECT repeat('x', 2000000000)"),
        trick("SELECT lpad('x', 2000000000, 'x')"),
        trick("SELECT printf('%2000000000d', 1)"),
        trick("SELECT format('{:2000000000}', 1)"),
        trick("SELECT len(range(2000000000))"),
        trick("SELECT list_resize([1], 2000000000)"),
        trick("SELECT bitstring('1', 2000000000)"),
        // What is deep, or long.
        trick(Reason.BAD_SQL, "SELECT " + "(".repeat(5000) + "1" + ")".repeat(5000)),
        trick(Reason.BAD_SQL, "SELECT " + "[".repeat(5000) + "1" + "]".repeat(5000)),
        trick(Reason.BAD_SQL, "SELECT " + "NOT ".repeat(9000) + "true"),
        trick(Reason.BAD_SQL, "SELECT 1" + "+1".repeat(9000)),
        trick(Reason.BAD_SQL, "SELECT * FROM (".repeat(3000) + "SELECT 1" + ")".repeat(3000)),
        trick(Reason.BAD_SQL, "WITH x AS (".repeat(3000) + "SELECT 1" + ") SELECT 1".repeat(3000)),
        trick("SELECT 1" + " UNION ALL SELECT 1".repeat(3000)),
        trick("SELECT 1 FROM tags" + ", tags".repeat(100)),
        trick(Reason.BAD_SQL, "SELECT '" + "x".repeat(100_000) + "'"));
  }

  @ParameterizedTest
  @MethodSource("tricks")
  void aTrickIsRefused(Reason reason, String sql) throws IOException {
    SqlQuestion question = new SqlQuestion(sql, List.of(), 10_000, 3_000);
    try {
      String answer = lab.text(question, SqlFormat.JSON);
      fail("answered: " + answer.substring(0, Math.min(500, answer.length())));
    } catch (SqlRefusedException e) {
      assertThat(e.reason()).as(e.getMessage()).isEqualTo(reason);
      assertThat(e.getMessage()).doesNotContain(folder.toString()).hasSizeLessThan(3_000);
    }
  }

  /// Tricks with files, as they would be executed if nobody had looked at them.
  @ParameterizedTest
  @ValueSource(
      strings = {
        "SELECT * FROM read_text('/etc/passwd')",
        "SELECT * FROM read_csv('/etc/passwd')",
        "SELECT * FROM glob('/etc/*')",
        "SELECT * FROM '/etc/passwd.csv'",
        "SELECT * FROM parquet_metadata('/tmp/x.parquet')",
        "SELECT * FROM sniff_csv('/etc/passwd')",
        "SELECT * FROM read_text('https://example.com/')",
        "SELECT * FROM query('SELECT * FROM read_text(''/etc/passwd'')')",
        "SELECT * FROM tidemark_rows(0)",
        "SELECT * FROM read_duckdb('/tmp/x.db')"
      })
  void theSecondLineHoldsByItself(String sql) throws Exception {
    SqlOptions options =
        new SqlOptions(
            folder.resolve("second"),
            List.of(folder.resolve("shards")),
            128L << 20,
            1L << 20,
            1L << 20,
            1L << 20,
            1,
            1);
    var timers = Executors.newSingleThreadScheduledExecutor();
    SqlExecutor executor = SqlExecutor.open(options, timers);
    try {
      Plan plan = new Plan(sql, List.of(), Map.of(), Map.of(), StructFields.ALL);
      HeldShards.Reading<Boolean> reading =
          held -> {
            try (var _ =
                executor.execute(
                    plan,
                    held,
                    List.of(),
                    Map.of(),
                    10,
                    SqlFormat.JSON,
                    System.nanoTime() + 10_000_000_000L)) {
              return false;
            } catch (SqlRefusedException _) {
              return true;
            } catch (TimeoutException e) {
              throw new IOException(e);
            }
          };
      assertThat(HeldShards.reading(List.of(), reading)).as("refused").isTrue();
    } finally {
      executor.close();
      timers.shutdownNow();
    }
  }

  @Test
  void nothingHasBeenWrittenAndAllIsAsBefore() throws Exception {
    assertThat(lab.rows("SELECT count(*) FROM tags").toString()).isEqualTo("[[1]]");
    try (Stream<Path> answers = Files.list(folder.resolve("sql"))) {
      assertThat(answers.filter(f -> f.getFileName().toString().startsWith("answer-"))).isEmpty();
    }
  }
}
