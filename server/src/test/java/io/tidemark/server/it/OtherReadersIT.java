package io.tidemark.server.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// Whatever leaves Tidemark as Parquet is read by readers that are not ours, and says the same as
/// our own answers, row by row.
class OtherReadersIT {
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final Duration HEAD_START = Duration.ofSeconds(10);
  private static final Duration DAY = Duration.ofHours(20);

  /// More in one file than DuckDB makes a dictionary of.
  private static final int PLAIN_EVENTS = 65_000;

  private static final int MIXED_EVENTS = 3_000;
  private static final int EVENTS = PLAIN_EVENTS + MIXED_EVENTS;

  /// What the archive has, as we answer it.
  private static final String ARCHIVED = "FROM mixed WHERE _time < '2026-03-02'";

  @TempDir private static Path folder;
  private static NodeUnderTest node;
  private static Path archive;

  /// Rows of the archive as our API answers them, by partition and offset.
  private static List<Map<String, JsonNode>> answered;

  @BeforeAll
  static void start() throws IOException {
    archive = folder.resolve("archive");
    Path app = MixedApp.write(folder.resolve("mixed"));
    node =
        NodeUnderTest.start(folder.resolve("data"), List.of(app), "--archive", archive.toString());
    Random random = new Random(5);
    List<String> events = new ArrayList<>();
    for (int i = 0; i < PLAIN_EVENTS; i++) {
      events.add(MixedApp.plainEvent(i, MixedApp.START.plus(Duration.ofHours(5))));
    }
    for (int i = 0; i < MIXED_EVENTS; i++) {
      events.add(MixedApp.anyEvent(random, DAY));
    }
    send(events);
    // Only what two checkpoints have is archived, and a checkpoint comes with each restart.
    for (int i = 0; i < 2 || !Poll.holds(HEAD_START, OtherReadersIT::allIsArchived); i++) {
      assertThat(i).as("restarts").isLessThan(10);
      sendLater(i);
      node.restart();
    }
    answered =
        sql("SELECT * " + ARCHIVED + " ORDER BY _partition, _offset")
            .lines()
            .map(OtherReadersIT::plain)
            .toList();
    assertThat(answered).hasSize(EVENTS);
  }

  @AfterAll
  static void stop() {
    node.close();
  }

  private static boolean allIsArchived() {
    return node.http().metric("tidemark_shard_archived_offset") >= EVENTS
        && IcebergFolder.rows(archive, "mixed") >= EVENTS;
  }

  private static void send(List<String> events) {
    for (int i = 0; i < events.size(); i += 10_000) {
      String body = String.join("\n", events.subList(i, Math.min(i + 10_000, events.size())));
      node.http().post("/v1/streams/mixed", body, "Content-Type", Http.NDJSON).expect(200);
    }
  }

  /// For each device an event, two days later.
  private static void sendLater(int minute) {
    List<String> events = new ArrayList<>();
    for (int device = 0; device < 7; device++) {
      events.add(
          "{\"at\":\"2026-03-03T00:%02d:00Z\",\"device\":\"d%d\"}".formatted(minute, device));
    }
    send(events);
  }

  private static Http.Answer ask(String query, String accept) {
    ObjectNode body = Http.JSON.createObjectNode();
    body.put("query", query).put("limit", 1_000_000);
    return node.http()
        .post("/v1/sql", body.toString(), "Content-Type", "application/json", "Accept", accept)
        .expect(200);
  }

  private static String sql(String query) {
    return ask(query, Http.NDJSON).text();
  }

  private static Map<String, JsonNode> plain(String line) {
    return PlainRow.of(line, MixedApp.NESTED, List.of());
  }

  /// The same of a file of the archive, where JSON is a text.
  private static Map<String, JsonNode> archived(String line) {
    return PlainRow.of(line, MixedApp.NESTED, MixedApp.JSON);
  }

  /// Rows of somebody's, with columns by which they can be put into the order of ours.
  private static List<Map<String, JsonNode>> inOurOrder(Stream<Map<String, JsonNode>> rows) {
    return rows.sorted(
            Comparator.comparingLong((Map<String, JsonNode> r) -> number(r, "_partition"))
                .thenComparingLong(r -> number(r, "_offset")))
        .toList();
  }

  private static long number(Map<String, JsonNode> row, String name) {
    return Objects.requireNonNull(row.get(name)).asLong();
  }

  /// Says of many rows where they differ first.
  private static void assertSame(
      List<Map<String, JsonNode>> rows, List<Map<String, JsonNode>> expected) {
    assertThat(rows).hasSameSizeAs(expected);
    for (int i = 0; i < rows.size(); i++) {
      assertThat(rows.get(i)).as("row " + i).isEqualTo(expected.get(i));
    }
  }

  private static List<Path> archivedFiles() throws IOException {
    try (Stream<Path> files = Files.walk(archive.resolve("stream=mixed"))) {
      return files.filter(Files::isRegularFile).sorted().toList();
    }
  }

  @Test
  void aStrictReaderReadsTheArchiveRowByRow() throws IOException {
    List<Path> files = archivedFiles();
    List<List<String>> read = Readers.rows(files);
    List<Map<String, JsonNode>> rows = new ArrayList<>();
    for (int i = 0; i < files.size(); i++) {
      int partition = Integer.parseInt(files.get(i).getFileName().toString().substring(0, 5));
      for (String line : read.get(i)) {
        Map<String, JsonNode> row = archived(line);
        row.put("_partition", Http.JSON.getNodeFactory().numberNode(partition));
        rows.add(row);
      }
    }
    assertThat(rows).extracting(row -> number(row, "_partition")).contains(0L, 1L);
    assertSame(inOurOrder(rows.stream()), answered);
  }

  @Test
  void duckDbReadsTheArchiveRowByRow() throws Exception {
    List<Map<String, JsonNode>> rows = new ArrayList<>();
    String sql =
        """
        SELECT to_json(r)::VARCHAR FROM (
          SELECT * EXCLUDE (_time, "at", seen, filename, stream, date, hour),
            strftime(_time, '%%Y-%%m-%%dT%%H:%%M:%%S.%%fZ') AS _time,
            strftime("at", '%%Y-%%m-%%dT%%H:%%M:%%S.%%fZ') AS "at",
            strftime(seen, '%%Y-%%m-%%dT%%H:%%M:%%S.%%fZ') AS seen,
            regexp_extract(filename, '([0-9]{5})-[^/]*$', 1)::INT AS _partition
          FROM read_parquet('%s/stream=*/*/*/*.parquet', hive_partitioning = true, filename = true)
          WHERE stream = 'mixed' AND date = _time::DATE AND hour = hour(_time)) r
        """
            .formatted(archive);
    try (Connection duckDb = DriverManager.getConnection("jdbc:duckdb:");
        Statement statement = duckDb.createStatement();
        ResultSet result = statement.executeQuery(sql)) {
      while (result.next()) {
        rows.add(archived(result.getString(1)));
      }
    }
    assertSame(inOurOrder(rows.stream()), answered);
  }

  @Test
  void sparkReadsTheArchiveAsAPartitionedTableAndAsAnIcebergTable() {
    String iso = "date_format(%1$s, \"yyyy-MM-dd'T'HH:mm:ss.SSSSSS'Z'\") AS %1$s";
    String measures =
        "count(*) AS events, count(n) AS ns, count(x) AS xs, min(x) AS low, max(x) AS high, max(`place.room`) AS room";
    List<List<String>> answers =
        Readers.spark(
            folder.resolve("spark"),
            archive,
            "mixed",
            List.of(
                "DESCRIBE mixed",
                "SELECT stream, CAST(date AS STRING) AS day, hour, "
                    + measures
                    + ", sum(CAST(n AS DECIMAL(38, 0))) AS sum FROM mixed GROUP BY ALL ORDER BY ALL",
                "SELECT count(*) AS n FROM mixed WHERE date = DATE '2026-03-01' AND hour = 5 AND x > 30 AND _time < TIMESTAMP_NTZ '2026-03-01 05:00:01'",
                "SELECT * EXCEPT (_time, at, seen, stream, date, hour), "
                    + iso.formatted("_time")
                    + ", "
                    + iso.formatted("at")
                    + ", "
                    + iso.formatted("seen")
                    + ", CAST(regexp_extract(input_file_name(), '([0-9]{5})-[^/]*$', 1) AS INT) AS _partition FROM mixed",
                // Found and not found by the Bloom filters of texts.
                "SELECT x FROM mixed WHERE text IN ('only-1024', 'only-nowhere')",
                // The same from its Iceberg table.
                "SELECT count(*) AS n FROM tidemark._iceberg.mixed WHERE x > 30 AND _time >= TIMESTAMP_NTZ '2026-03-01 05:00:00' AND _time < TIMESTAMP_NTZ '2026-03-01 05:00:01'",
                "SELECT * EXCEPT (_time, at, seen), "
                    + iso.formatted("_time")
                    + ", "
                    + iso.formatted("at")
                    + ", "
                    + iso.formatted("seen")
                    + ", CAST(regexp_extract(_file, '([0-9]{5})-[^/]*$', 1) AS INT) AS _partition FROM tidemark._iceberg.mixed",
                "SELECT count(DISTINCT partition._time_hour) AS hours, sum(record_count) AS events FROM tidemark._iceberg.mixed.files",
                "SELECT count(DISTINCT date_trunc('HOUR', _time)) AS hours, count(*) AS events FROM mixed"));
    assertThat(answers.get(0).stream().map(Http.JSON::readTree))
        .extracting(c -> c.get("col_name").asString() + " " + c.get("data_type").asString())
        .contains(
            "_time timestamp_ntz",
            "_offset bigint",
            "n bigint",
            "x double",
            "on boolean",
            "seen timestamp_ntz",
            "text string",
            "place.at.floor bigint",
            "_extra string",
            "stream string",
            "date date",
            "hour int");
    String ours =
        sql(
            "SELECT 'mixed' AS stream, _time::DATE::VARCHAR AS day, hour(_time) AS hour, "
                + measures.replace("`place.room`", "place.room")
                + ", sum(n) AS sum "
                + ARCHIVED
                + " GROUP BY ALL ORDER BY ALL");
    assertThat(answers.get(1).stream().map(OtherReadersIT::plain).toList())
        .hasSize(20)
        .isEqualTo(ours.lines().map(OtherReadersIT::plain).toList());
    assertThat(answers.get(2))
        .containsExactly(
            sql("SELECT count(*) AS n "
                    + ARCHIVED
                    + " AND x > 30 AND _time >= '2026-03-01 05:00:00' AND _time < '2026-03-01 05:00:01'")
                .strip());
    assertThat(inOurOrder(answers.get(3).stream().map(OtherReadersIT::archived)))
        .isEqualTo(answered);
    assertThat(answers.get(4)).singleElement().asString().contains("1.000000001");
    assertThat(answers.get(5)).isEqualTo(answers.get(2));
    assertThat(inOurOrder(answers.get(6).stream().map(OtherReadersIT::archived)))
        .isEqualTo(answered);
    assertThat(answers.get(7)).isEqualTo(answers.get(8));
  }

  @Test
  void aStrictReaderReadsWhatIsExported() {
    Path file = folder.resolve("mixed.parquet");
    try (Command export =
        Command.tidemark(
            "export",
            "mixed",
            "--node",
            node.address(),
            "--output",
            file.toString(),
            "--to",
            "2026-03-02")) {
      assertThat(export.exitCode(PATIENCE)).as(export.toString()).isZero();
    }
    assertSame(
        inOurOrder(Readers.rows(List.of(file)).getFirst().stream().map(OtherReadersIT::plain)),
        answered);
  }

  @Test
  void aStrictReaderReadsAnswersOfAllTypes() throws IOException {
    String sql =
        """
        SELECT i, i % 2 = 0 AS yes, (i - 100)::TINYINT AS tiny, (i + 100)::UTINYINT AS utiny, i::USMALLINT AS us,
          (i * 4000)::INTEGER AS whole, (18446744073709551615 - i)::UBIGINT AS ubig,
          99999999999999999999999999999999999999::HUGEINT - i AS huge, [(i - 5)::UHUGEINT] AS uhuge,
          sum(i * 9007199254740993) OVER (ORDER BY i) AS exact,
          (i / 100)::DECIMAL(9, 2) AS price, (i / 7)::DECIMAL(38, 10) AS wide, (i / 7)::FLOAT AS f, sqrt(i) AS d,
          TIMESTAMP '2022-03-22 12:15:00.123456' - to_hours(i * 999999) AS ts,
          TIMESTAMPTZ '2022-03-22 12:15:00+01' AS tz, TIMESTAMP_S '1960-01-01 00:00:01' AS ts_s,
          TIMESTAMP_MS '2022-01-01 00:00:00.123' AS ts_ms, TIMESTAMP_NS '2022-01-01 00:00:00.123456789' AS ts_ns,
          DATE '1969-12-31' - i::INT AS day, TIME '23:59:59.123456' AS clock, ('00000000-0000-4000-8000-00000000000' || i % 10)::UUID AS id,
          encode('bytes ' || i) AS bytes, CASE WHEN i % 3 = 0 THEN 'ž' || i END AS maybe,
          [i, NULL, -i] AS list, [{'a': i, 'b': ['x', NULL]}] AS structs, {'in': {'n': i, 'none': NULL::INT}} AS nested,
          MAP {'one': i, 'none': NULL} AS map, '{"j": [1, 2.50]}'::JSON AS json, NULL::VARCHAR AS nothing, []::INT[] AS empty
        FROM range(5, 25) t(i)
        """;
    Path file = folder.resolve("types.parquet");
    Files.write(file, ask(sql, "application/vnd.apache.parquet").bytes());
    assertSame(
        Readers.rows(List.of(file)).getFirst().stream().map(OtherReadersIT::plain).toList(),
        sql(sql).lines().map(OtherReadersIT::plain).toList());
  }
}
