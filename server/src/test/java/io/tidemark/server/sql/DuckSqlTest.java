package io.tidemark.server.sql;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.event.EventType;
import io.tidemark.event.Field;
import io.tidemark.event.FieldType;
import io.tidemark.query.SqlFormat;
import io.tidemark.query.SqlQuestion.Parameter;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// SQL over shards with files and tails.
class DuckSqlTest {
  /// 2022-03-22T12:00:00Z.
  private static final long NOON = 1_647_950_400_000_000L;

  @TempDir private Path folder;
  private SqlLab lab;

  /// Two shards; for each of ten minutes a file, and the newest minute in memory.
  @BeforeEach
  void fill() throws IOException {
    lab = new SqlLab(folder, 2, Optional.empty());
    for (int minute = 0; minute < 10; minute++) {
      for (int i = 0; i < 60; i++) {
        int n = minute * 60 + i;
        lab.add(
            i % 2,
            NOON + n * 1_000_000L,
            row -> {
              row.setText(SqlLab.ACTION, n % 3 == 0 ? "BUY" : "VIEW");
              row.setText(SqlLab.BRAND, "b" + n % 5);
              row.setWord(SqlLab.PRICE, n);
              row.setDouble(SqlLab.WIDTH, n / 2.0);
              row.setWord(SqlLab.OK, n % 2);
              row.setText(SqlLab.NOTES, "{\"n\":[" + n + "]}");
            });
      }
      if (minute < 9) {
        lab.checkpoint(0);
        lab.checkpoint(1);
      }
    }
    lab.publish();
  }

  @AfterEach
  void close() throws IOException {
    lab.close();
  }

  @Test
  void countsWhatIsInFilesAndInMemory() throws Exception {
    assertThat(lab.rows("SELECT count(*) FROM tags").toString()).isEqualTo("[[600]]");
    assertThat(
            lab.rows(
                    "SELECT _partition, count(*), min(_offset), max(_offset) FROM tags GROUP BY 1 ORDER BY 1")
                .toString())
        .isEqualTo("[[0,300,0,299],[1,300,0,299]]");
  }

  @Test
  void fieldsOfObjectsAreFieldsOfStructs() throws Exception {
    assertThat(
            lab.rows(
                    "SELECT product_info.brand_id AS brand, sum(product_info.price), max(product_info.size.width) FROM tags WHERE action = 'BUY' AND product_info.brand_id IN ('b0', 'b1') GROUP BY ALL ORDER BY 1")
                .toString())
        .isEqualTo("[[\"b0\",11700,292.5],[\"b1\",11940,295.5]]");
    assertThat(
            lab.rows(
                    "SELECT product_info, notes, notes->'n'->0 FROM tags WHERE product_info.price = 7")
                .toString())
        .isEqualTo("[[{\"brand_id\":\"b2\",\"price\":7,\"size\":{\"width\":3.5}},{\"n\":[7]},7]]");
  }

  @Test
  void aRangeOfTimeOpensTheFilesItNeeds() throws Exception {
    String from =
        "_time >= TIMESTAMP '2022-03-22 12:02:30' AND _time < TIMESTAMP '2022-03-22 12:03:30'";
    var table = lab.json("EXPLAIN SELECT count(*) FROM tags WHERE " + from).get("tables").get(0);
    assertThat(table.get("files").asInt()).isEqualTo(18);
    assertThat(table.get("files_read")).hasSize(4);
    assertThat(table.get("rows_in_memory").asInt()).isEqualTo(0);
    assertThat(table.get("from").asString()).isEqualTo("2022-03-22T12:02:30Z");
    assertThat(table.get("to").asString()).isEqualTo("2022-03-22T12:03:30Z");
    assertThat(lab.rows("SELECT count(*) FROM tags WHERE " + from).toString()).isEqualTo("[[60]]");
    var late =
        lab.json(
            "EXPLAIN SELECT * FROM tags WHERE _time >= $a",
            new Parameter("a", "2022-03-22T12:09:10Z"));
    assertThat(late.get("tables").get(0).get("files_read")).isEmpty();
    assertThat(late.get("tables").get(0).get("rows_in_memory").asInt()).isEqualTo(50);
    var none = lab.json("EXPLAIN SELECT * FROM tags WHERE _time >= now() - INTERVAL 1 HOUR");
    assertThat(none.get("tables").get(0).get("files_read")).isEmpty();
  }

  @Test
  void aValueThatLooksLikeAConditionIsAValue() throws Exception {
    for (int table = 0; table < 4; table++) {
      String value = "x\n(_stub_%d_column_0 < '1980-01-01 00:00:00'::TIMESTAMP)\n".formatted(table);
      for (String text : List.of(value, value.replace("'", "$$"))) {
        assertThat(
                lab.json("SELECT count(*) FROM tags WHERE action <> $a", new Parameter("a", text))
                    .get("rows")
                    .toString())
            .isEqualTo("[[600]]");
      }
    }
  }

  @Test
  void rollupsAreTables() throws Exception {
    assertThat(
            lab.rows(
                    "SELECT _time, action, product_info.brand_id, count, total, mean, last FROM per_minute WHERE _time = '2022-03-22 12:09:00' AND action = 'BUY' ORDER BY ALL LIMIT 1")
                .toString())
        .isEqualTo(
            "[[\"2022-03-22T12:09:00.000Z\",\"BUY\",\"b0\",4,2250,562.5,\"2022-03-22T12:09:45.000Z\"]]");
    assertThat(
            lab.rows(
                    "SELECT (SELECT sum(count) FROM per_minute) = (SELECT count(*) FROM tags), (SELECT sum(total) FROM per_minute)")
                .toString())
        .isEqualTo("[[true,179700]]");
  }

  @Test
  void instantsAreThoseThatAreStoredWhateverTheZoneOfTheMachine() throws Exception {
    java.util.TimeZone before = java.util.TimeZone.getDefault();
    // There, half past two does not exist on that day.
    java.util.TimeZone.setDefault(java.util.TimeZone.getTimeZone("Europe/Warsaw"));
    try {
      assertThat(
              lab.rows(
                      "SELECT t, [t], {'t': t}, MAP {'a': t}, t::TIMESTAMPTZ, [{'TIMESTAMP': t}] FROM (SELECT TIMESTAMP '2022-03-27 02:30:00' AS t)")
                  .toString()
                  .replace("2022-03-27T02:30:00.000Z", "T"))
          .isEqualTo("[[\"T\",[\"T\"],{\"t\":\"T\"},{\"a\":\"T\"},\"T\",[{\"TIMESTAMP\":\"T\"}]]]");
    } finally {
      java.util.TimeZone.setDefault(before);
    }
  }

  @Test
  void answersComeInSeveralFormats() throws Exception {
    var question =
        SqlLab.question(
            "SELECT 1 AS a, NULL AS b, 'x,\"y\"' AS c, [1, 2] AS d, {'e': 9007199254740993} AS f, 1.50::DECIMAL(5,2) AS g, 'nan'::DOUBLE AS h, TIMESTAMP '2022-03-27 02:30:00.000001' AS i, '' AS j");
    assertThat(lab.text(question, SqlFormat.CSV))
        .isEqualTo(
            "a,b,c,d,f,g,h,i,j\r\n1,,\"x,\"\"y\"\"\",\"[1,2]\",\"{\"\"e\"\":9007199254740993}\",1.50,NaN,2022-03-27T02:30:00.000001Z,\"\"\r\n");
    assertThat(lab.text(question, SqlFormat.NDJSON))
        .isEqualTo(
            "{\"a\":1,\"b\":null,\"c\":\"x,\\\"y\\\"\",\"d\":[1,2],\"f\":{\"e\":9007199254740993},\"g\":1.50,\"h\":\"NaN\",\"i\":\"2022-03-27T02:30:00.000001Z\",\"j\":\"\"}\n");
    assertThat(lab.text(SqlLab.question("SELECT * FROM tags"), SqlFormat.PARQUET))
        .startsWith("PAR1");
  }

  @Test
  void jsonOfAColumnIsValidJsonOnOneLine() throws Exception {
    String sql =
        "SELECT to_json('nan'::DOUBLE) a, [to_json(['inf'::DOUBLE, '-inf'::DOUBLE])] b, {'j': '[1, -2.5e3,]'::JSON} c, ('{\"a, ]\\\\\\\"\\\":\" :' || chr(10) || '[true , null ,' || chr(10) || ']}')::JSON d";
    assertThat(lab.text(SqlLab.question(sql), SqlFormat.NDJSON))
        .isEqualTo(
            "{\"a\":\"NaN\",\"b\":[[\"Infinity\",\"-Infinity\"]],\"c\":{\"j\":[1, -2.5e3]},\"d\":{\"a, ]\\\\\\\"\\\":\" : [true , null  ]}}\n");
  }

  @Test
  void timesOfDayHaveTheirSecondsAndInstantsWithoutEndAreSaidToBeSo() throws Exception {
    var answer =
        lab.json(
            "SELECT TIME '12:15:00', TIME '24:00:00', [TIME '12:15:01.5'], {'TIME': TIME '12:15:00', 'e': 'TIME'::ENUM('TIME')}, 'infinity'::TIMESTAMP, ['-infinity'::TIMESTAMP], '-infinity'::TIMESTAMPTZ, 'infinity'::TIMESTAMP_S, '-infinity'::TIMESTAMP_MS, 'infinity'::TIMESTAMP_NS, 'infinity'::DATE, ['-infinity'::DATE]");
    assertThat(answer.get("rows").toString())
        .isEqualTo(
            "[[\"12:15:00\",\"24:00:00\",[\"12:15:01.5\"],{\"TIME\":\"12:15:00\",\"e\":\"TIME\"},\"infinity\",[\"-infinity\"],\"-infinity\",\"infinity\",\"-infinity\",\"infinity\",\"infinity\",[\"-infinity\"]]]");
    assertThat(answer.get("columns").valueStream().map(c -> c.get("type").asString()))
        .containsExactly(
            "TIME",
            "TIME",
            "TIME[]",
            "STRUCT(\"TIME\" TIME, e ENUM('TIME'))",
            "TIMESTAMP",
            "TIMESTAMP[]",
            "TIMESTAMP WITH TIME ZONE",
            "TIMESTAMP_S",
            "TIMESTAMP_MS",
            "TIMESTAMP_NS",
            "DATE",
            "DATE[]");
  }

  @Test
  void aPropertyMayBeCalledAsDuckDbCallsTheNumberOfAFile() throws Exception {
    List<Field> fields = new ArrayList<>(SqlLab.TYPE.fields());
    fields.add(new Field("file_Index", FieldType.LONG, false));
    fields.add(new Field("filename", FieldType.STRING, false));
    fields.add(new Field("file_row_number", FieldType.LONG, false));
    try (SqlLab other =
        new SqlLab(
            folder.resolve("other"),
            3,
            Optional.empty(),
            128L << 20,
            new EventType("tags", fields))) {
      for (int i = 0; i < 12; i++) {
        int n = i;
        other.add(
            i % 3,
            NOON + i,
            row -> {
              row.setWord(SqlLab.NOTES + 1, n);
              row.setText(SqlLab.NOTES + 2, "f" + n);
              row.setWord(SqlLab.NOTES + 3, n);
            });
        if (i == 8) {
          for (int p = 0; p < 3; p++) {
            other.checkpoint(p);
          }
        }
      }
      other.publish();
      assertThat(
              other
                  .rows(
                      "SELECT count(*) FROM tags WHERE _partition = file_index % 3 AND filename = 'f' || file_row_number")
                  .toString())
          .isEqualTo("[[12]]");
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "_time >= TIMESTAMPTZ '2022-03-22 13:02:30+01' AND _time < '2022-03-22 13:03:30+01'::TIMESTAMPTZ | 4 | 60",
        "tags._time BETWEEN TIMESTAMPTZ '2022-03-22 13:02:30+01' AND TIMESTAMPTZ '2022-03-22 12:02:30Z' + INTERVAL 1 MINUTE | 4 | 61",
        "_time >= to_timestamp(1647950550) AND to_timestamp(1647950610) > _time | 4 | 60",
        "_time IN (TIMESTAMP '2022-03-22 12:01:00', TIMESTAMPTZ '2022-03-22 14:06:07+02') | 3 | 2",
        "_time IN ('2022-03-22 12:01:01', '2022-03-22 12:01:02', '2022-03-22 12:01:03', '2022-03-22 12:01:04', '2022-03-22 12:01:05', '2022-03-22 12:06:07', '2022-03-22 12:06:08') | 4 | 7",
        "_time < TIMESTAMP '2022-03-22 12:01:00' OR _time >= TIMESTAMP '2022-03-22 12:08:00' | 4 | 180",
        "(_time >= '2022-03-22 12:01:00' AND _time < '2022-03-22 12:02:00') OR (_time >= TIMESTAMP '2022-03-22 12:05:00' AND _time < TIMESTAMP '2022-03-22 12:06:00' AND ok) | 4 | 90",
        "_time BETWEEN '2022-03-22 12:01:00' AND '2022-03-22 12:01:59' | 2 | 60",
        "_time < TIMESTAMP '2022-03-22 12:01:00' OR ok | 18 | 330",
        "_time IN (TIMESTAMP '2022-03-22 12:01:00', seen) | 18 | 600",
        "_time NOT IN (TIMESTAMP '2022-03-22 12:01:00') | 18 | 599",
      })
  void conditionsOnTheTimeOpenTheFilesTheyNeed(String condition, int files, int rows)
      throws Exception {
    String sql = "SELECT count(*) FROM tags WHERE " + condition;
    assertThat(lab.json("EXPLAIN " + sql).get("tables").get(0).get("files_read"))
        .as(condition)
        .hasSize(files);
    assertThat(lab.rows(sql).toString()).as(condition).isEqualTo("[[" + rows + "]]");
  }

  /// Each narrows what is called like the time, or like a column that only the planner knows.
  @ParameterizedTest
  @ValueSource(
      strings = {
        "SELECT count(*) FROM (SELECT seen - INTERVAL 1 HOUR AS _time FROM tags) WHERE _time < TIMESTAMPTZ '2022-03-22 11:59:59Z'",
        "SELECT count(*) FROM (SELECT *, seen - INTERVAL 1 HOUR AS _stub_0_column_0, seen - INTERVAL 1 HOUR AS _stub_1_column_0 FROM tags) WHERE _stub_0_column_0 < TIMESTAMP '2022-03-22 11:59:59' OR (_stub_1_column_0 < TIMESTAMP '2022-03-22 11:59:59' AND ok)",
      })
  void otherThingsMayBeCalledAsTheTimeIs(String sql) throws Exception {
    assertThat(lab.rows(sql).get(0).get(0).asInt()).isGreaterThan(590);
  }

  @Test
  void explainNamesAllFilesAlsoThoseOfRollupsAndFoldsNone() throws Exception {
    var all = lab.json("EXPLAIN SELECT * FROM per_minute").get("tables").get(0);
    assertThat(all.get("files").asInt()).isEqualTo(18);
    assertThat(all.get("files_read")).hasSize(18);
    assertThat(all.get("files_read").get(0).asString()).startsWith("0/per_minute-");
    assertThat(all.get("rows_in_memory").asInt()).isEqualTo(60);
    var some =
        lab.json(
                "EXPLAIN SELECT sum(count) FROM per_minute WHERE _time >= TIMESTAMP '2022-03-22 12:02:30' AND _time < TIMESTAMP '2022-03-22 12:04:00'")
            .get("tables")
            .get(0);
    assertThat(some.get("files_read")).hasSize(4);
    String columns =
        IntStream.range(0, 60)
            .mapToObj(i -> "product_info.price + %d AS column_number_%d".formatted(i, i))
            .collect(Collectors.joining(", "));
    String plan = lab.json("EXPLAIN SELECT " + columns + " FROM tags").get("plan").asString();
    assertThat(plan).hasSizeGreaterThan(3_000).contains("column_number_59").doesNotContain("…");
  }

  @Test
  void ofAStructTheFieldsAreReadThatAreNamed() throws Exception {
    String inner = "SELECT action AS c, max(product_info.price) AS p FROM tags GROUP BY 1";
    for (String sql :
        List.of(
            inner,
            "SELECT c, p FROM (" + inner + ") AS b ORDER BY c",
            "WITH b AS (" + inner + ") SELECT p FROM b")) {
      assertThat(lab.json("EXPLAIN " + sql).get("plan").asString())
          .as(sql)
          .contains("product_info.price")
          .doesNotContain("brand_id");
    }
    // By any name of the row all of it is meant.
    for (String sql :
        List.of(
            "SELECT max(tags) AS p FROM tags",
            "SELECT max(t) AS p FROM tags AS t",
            "SELECT p FROM (SELECT t AS p FROM tags AS t)")) {
      assertThat(lab.json("EXPLAIN " + sql).get("plan").asString()).as(sql).contains("brand_id");
    }
  }

  @Test
  void aStructByItsPlaceIsWhole() throws Exception {
    String named =
        lab.rows("SELECT product_info FROM tags WHERE product_info.price = 7").toString();
    assertThat(named).contains("brand_id", "price", "size");
    int place = 1;
    while (!lab.rows("SELECT #" + place + " FROM tags LIMIT 1").toString().contains("brand_id")) {
      place++;
    }
    assertThat(lab.rows("SELECT #" + place + " FROM tags WHERE product_info.price = 7").toString())
        .isEqualTo(named);
  }

  @Test
  void aStructWithAnotherNameIsWhole() throws Exception {
    assertThat(lab.rows("SELECT d FROM tags AS t(a, b, c, x, y, d) WHERE d.price = 7").toString())
        .isEqualTo("[[{\"brand_id\":\"b2\",\"price\":7,\"size\":{\"width\":3.5}}]]");
    assertThat(
            lab.rows(
                    "WITH w(a, b, c, x, y, z) AS (SELECT * FROM tags) SELECT z.price FROM w WHERE z.price = 7")
                .toString())
        .isEqualTo("[[7]]");
  }

  @Test
  void aPartOfATextMayBeReplaced() throws Exception {
    assertThat(lab.rows("SELECT replace('banana', 'an', 'x')").toString())
        .isEqualTo("[[\"bxxa\"]]");
  }
}
