package io.tidemark.server.sql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemark.query.SqlFormat;
import io.tidemark.query.SqlQuestion;
import io.tidemark.query.SqlRefusedException;
import io.tidemark.query.SqlRefusedException.Reason;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// Answers in Arrow are those in NDJSON, as Arrow's own library reads them.
class ArrowResultTest {
  private static final Pattern INSTANT = Pattern.compile("\\d{4}-\\d\\d-\\d\\dT[0-9:.]+Z");

  @TempDir private Path folder;

  private SqlLab lab() throws IOException {
    SqlLab lab = new SqlLab(folder, 2, Optional.empty());
    lab.add(0, 0, row -> row.setText(SqlLab.ACTION, "BUY"));
    lab.add(1, 0, row -> row.setWord(SqlLab.PRICE, 7));
    lab.checkpoint(0);
    lab.publish();
    return lab;
  }

  private static void assertSame(SqlLab lab, String sql, int rows) throws Exception {
    SqlQuestion question = new SqlQuestion(sql, List.of(), 1_000_000, 60_000);
    List<JsonNode> lines =
        lab.text(question, SqlFormat.NDJSON).lines().map(ArrowResultTest::line).toList();
    assertThat(lines).hasSize(rows);
    List<JsonNode> read = ArrowRows.read(lab.bytes(question, SqlFormat.ARROW));
    assertThat(read).hasSize(rows);
    for (int i = 0; i < rows; i++) {
      assertThat(read.get(i)).as("row " + i).isEqualTo(lines.get(i));
    }
  }

  /// With JSON as the text that it is in Arrow, and instants as `Instant` has them.
  private static JsonNode line(String text) {
    ObjectNode row = (ObjectNode) ArrowRows.JSON.readTree(text);
    row.forEachEntry(
        (name, value) -> {
          if (name.equals("json")) {
            row.put(name, value.toString());
          } else if (value.isString() && INSTANT.matcher(value.asString()).matches()) {
            row.put(name, Instant.parse(value.asString()).toString());
          }
        });
    return row;
  }

  @Test
  void allTypesSayTheSame() throws Exception {
    String sql =
        """
        SELECT i, i % 2 = 0 AS yes, (i % 100 - 50)::TINYINT AS tiny, (i % 256)::UTINYINT AS utiny, i::SMALLINT AS small,
          (i + 60000)::USMALLINT AS us, i::INTEGER AS whole, (i + 4000000000)::UINTEGER AS ui,
          (18446744073709551615 - i)::UBIGINT AS ubig, 99999999999999999999999999999999999999::HUGEINT - i AS huge,
          [i::UHUGEINT] AS uhuge, sum(i + 900719925474099301) OVER (ORDER BY i) AS exact,
          123456789012345678901234567890123456789012345678901::BIGNUM::VARCHAR AS bignum,
          (i / 100)::DECIMAL(9, 2) AS price, (i / 7)::DECIMAL(38, 10) AS wide, (i / 7)::FLOAT AS f, sqrt(i) AS d,
          CASE i % 3 WHEN 0 THEN 'NaN'::DOUBLE WHEN 1 THEN '-Infinity'::DOUBLE END AS odd, -0.0::DOUBLE AS minus,
          TIMESTAMP '2022-03-22 12:15:00.123456' - to_hours(i * 999) AS ts, TIMESTAMPTZ '2022-03-22 12:15:00+01' AS tz,
          TIMESTAMP_S '1960-01-01 00:00:01' AS ts_s, TIMESTAMP_MS '2022-01-01 00:00:00.123' AS ts_ms,
          TIMESTAMP_NS '2022-01-01 00:00:00.123456789' AS ts_ns, DATE '1969-12-31' - i::INT AS day,
          TIME '23:59:59.123456' AS clock, TIMETZ '12:00:00+01' AS tclock, '10110'::BIT AS bits,
          ('00000000-0000-4000-8000-00000000000' || i % 10)::UUID AS id, encode('bytes ' || i) AS bytes,
          CASE WHEN i % 3 = 0 THEN 'ž🐎' || i END AS maybe, [i, NULL, -i] AS list, [{'a': i, 'b': ['x', NULL]}] AS structs,
          {'in': {'n': i, 'none': NULL::INT}} AS nested, MAP {'one': i, 'none': NULL} AS map, '{"j":[1,2.50]}'::JSON AS json,
          NULL::VARCHAR AS nothing, NULL AS untyped, []::INT[] AS empty
        FROM range(5, 3005) t(i)
        """;
    try (SqlLab lab = lab()) {
      assertSame(lab, sql, 3000);
    }
  }

  @Test
  void tablesSayTheSame() throws Exception {
    try (SqlLab lab = lab()) {
      assertSame(lab, "SELECT * FROM tags ORDER BY _partition", 2);
      assertSame(lab, "SELECT * FROM per_minute", 2);
      assertSame(lab, "SELECT * FROM tags WHERE false", 0);
      assertSame(lab, "SELECT 1 AS a, 2 AS a", 1);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "SELECT md5(range::VARCHAR), md5(range::VARCHAR) FROM range(1000000)",
        "SELECT string_agg(md5(range::VARCHAR)) FROM range(700000)"
      })
  void whatIsTooLargeIsRefusedAndLeavesNothing(String sql) throws Exception {
    try (SqlLab lab = lab()) {
      assertRefused(lab, sql, Reason.TOO_LARGE);
      try (Stream<Path> left = Files.list(folder.resolve("sql"))) {
        assertThat(left.filter(f -> f.getFileName().toString().contains("answer"))).isEmpty();
      }
      assertSame(lab, "SELECT 1 AS a", 1);
    }
  }

  @Test
  void whatFailsIsRefused() throws Exception {
    try (SqlLab lab = lab()) {
      assertRefused(lab, "SELECT ('x' || range)::INT FROM range(9000)", Reason.FAILED);
      assertRefused(lab, "SELECT 100000000000000000000000000000000000000::HUGEINT", Reason.FAILED);
      assertRefused(lab, "SELECT * FROM range(1000001)", Reason.TOO_MANY_ROWS);
    }
  }

  private static void assertRefused(SqlLab lab, String sql, Reason reason) {
    SqlQuestion question = new SqlQuestion(sql, List.of(), 1_000_000, 60_000);
    assertThatThrownBy(() -> lab.bytes(question, SqlFormat.ARROW))
        .isInstanceOfSatisfying(
            SqlRefusedException.class,
            e -> assertThat(e.reason()).as(e.getMessage()).isEqualTo(reason));
  }
}
