package io.tidemark.server.imports;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemark.event.FieldType;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EventFilesTest {
  private static final Map<String, FieldType> TYPES =
      Map.of(
          "n", FieldType.LONG,
          "x", FieldType.DOUBLE,
          "b", FieldType.BOOLEAN,
          "text", FieldType.STRING,
          "info.tags", FieldType.JSON,
          "info.at", FieldType.TIMESTAMP,
          "ms", FieldType.LONG);

  @TempDir Path folder;

  /// What is in a file: `number text`, and what is wrong.
  private List<String> events(Path file) throws IOException {
    List<String> events = new ArrayList<>();
    FileFormat format = FileFormat.of(file).orElseThrow();
    try (EventFile open = format.open(file, TYPES)) {
      for (EventFile.Event event = open.next(); event != null; event = open.next()) {
        String problem = event.problem().isEmpty() ? "" : " ! " + event.problem();
        events.add(
            event.number() + " " + new String(event.json(), StandardCharsets.UTF_8) + problem);
      }
      assertThat(open.bytesRead()).isEqualTo(Files.size(file));
    }
    return events;
  }

  private Path text(String name, String content) throws IOException {
    return Files.writeString(folder.resolve(name), content);
  }

  private Path gzip(String name, String content) throws IOException {
    Path file = folder.resolve(name);
    try (OutputStream out = new GZIPOutputStream(Files.newOutputStream(file))) {
      out.write(content.getBytes(StandardCharsets.UTF_8));
    }
    return file;
  }

  @Test
  void linesAreEvents() throws IOException {
    List<String> expected = List.of("1 {\"a\":1}", "4 {\"a\":2}\r", "5 no json");
    String content = "{\"a\":1}\n\n \t\r\n{\"a\":2}\r\nno json";
    assertThat(events(text("a.ndjson", content))).isEqualTo(expected);
    assertThat(events(text("a.jsonl", "\uFEFF" + content + "\n"))).isEqualTo(expected);
    assertThat(events(gzip("a.json.gz", content))).isEqualTo(expected);
    assertThat(events(text("empty.ndjson", ""))).isEmpty();
  }

  @Test
  void cellsHaveTheTypesOfTheirFields() throws IOException {
    String csv =
        """
        n,x,b,text,info.tags,info.at,other.deep.er
        1,2.50,TRUE,007,"[1,{""a"":null}]",2022-03-22T12:15:00Z,5
        -3, 1e3 ,false,"a ""quote"", and
        two lines",[broken,,
        ,,,,,,
        +1,0x1,yes,"",,"",
        """;
    assertThat(events(text("a.csv", csv)))
        .containsExactly(
            "2 {\"n\":1,\"x\":2.50,\"b\":true,\"text\":\"007\",\"info\":{\"tags\":[1,{\"a\":null}],"
                + "\"at\":\"2022-03-22T12:15:00Z\"},\"other\":{\"deep\":{\"er\":\"5\"}}}",
            "3 {\"n\":-3,\"x\":1e3,\"b\":false,\"text\":\"a \\\"quote\\\", and\\ntwo lines\","
                + "\"info\":{\"tags\":\"[broken\"}}",
            "5 {}",
            "6 {\"n\":\"+1\",\"x\":\"0x1\",\"b\":\"yes\",\"text\":\"\",\"info\":{\"at\":\"\"}}");
    String crlf = csv.replace("\n", "\r\n");
    assertThat(events(gzip("b.csv.gz", crlf))).hasSize(4);
    assertThat(events(gzip("b.csv.gz", crlf)).getFirst())
        .isEqualTo(events(text("a.csv", csv)).getFirst());
  }

  @Test
  void rowsThatDoNotFitAreNoEventsAndTheNextOneIs() throws IOException {
    assertThat(events(text("a.csv", "n,text\n1\n2,b,c\n3,\"d\"e\n\n4,f")))
        .containsExactly(
            "2 [\"1\"] ! 1 cells instead of the 2 of the first line",
            "3 [\"2\",\"b\",\"c\"] ! 3 cells instead of the 2 of the first line",
            "4 [\"3\",\"de\"] ! after a cell in quotes comes 'e'; a quote in it is written twice",
            "6 {\"n\":4,\"text\":\"f\"}");
  }

  @Test
  void aHeaderThatNamesNoFieldsSaysSo() throws IOException {
    for (String header : List.of("", "a,,b", "a,a", "a,a.b", "a.b,a", "a..b", "a,")) {
      Path file = text("a.csv", header + (header.isEmpty() ? "" : "\n1,2"));
      assertThatThrownBy(() -> events(file))
          .as(header)
          .isInstanceOf(IOException.class)
          .hasMessageContaining("a.csv");
    }
    Path endless = text("b.csv", "a\n1\n\"never");
    assertThatThrownBy(() -> events(endless)).hasMessageContaining("line 3");
  }

  private Path parquet(String name, String select) throws SQLException {
    Path file = folder.resolve(name);
    try (Connection database = DriverManager.getConnection("jdbc:duckdb:");
        Statement statement = database.createStatement()) {
      statement.execute("COPY (%s) TO '%s' (FORMAT parquet)".formatted(select, file));
    }
    return file;
  }

  @Test
  void columnsOfParquetBecomeJson() throws Exception {
    Path file =
        parquet(
            "a.parquet",
            """
            SELECT 5::BIGINT AS n, 1.5::DECIMAL(5,2) AS x, true AS b, 'a"b' AS text,
              {'tags': '[1]', 'at': TIMESTAMP '2022-03-22 12:15:00.123',
               'a, b)': {'c''d': TIMESTAMPTZ '2022-03-22 12:15:00.123456+02', 'none': NULL::INT}} AS info,
              TIMESTAMP_MS '2022-03-22 12:15:00.5' AS ms, 12.25::FLOAT AS "deep.er.f",
              [1, NULL] AS list, MAP {'k': 1} AS map, 'ab'::BLOB AS bytes,
              DATE '2022-03-22' AS day, NULL::VARCHAR AS nothing, NULL::STRUCT(a INT) AS nobody,
              [{'s': 1}] AS "list of",
              TIMESTAMP_NS '2022-03-22 12:15:00.123456200' AS ns
            """);
    assertThat(events(file))
        .containsExactly(
            "1 {\"n\":5,\"x\":1.50,\"b\":true,\"text\":\"a\\\"b\","
                + "\"info\":{\"tags\":[1],\"at\":\"2022-03-22T12:15:00.123Z\","
                + "\"a, b)\":{\"c'd\":\"2022-03-22T10:15:00.123456Z\"}},"
                + "\"ms\":1647951300500,\"deep\":{\"er\":{\"f\":12.25}},"
                + "\"list\":[1,null],\"map\":{\"k\":1},\"bytes\":\"YWI=\",\"day\":\"2022-03-22\","
                + "\"list of\":[{\"s\":1}],\"ns\":\"2022-03-22T12:15:00.123456Z\"}");
  }

  @Test
  void rowsOfParquetComeInTheirOrder() throws Exception {
    Path file = parquet("a.parquet", "SELECT i AS n FROM range(300000) r(i)");
    List<String> events = events(file);
    assertThat(events).hasSize(300_000);
    for (int i = 0; i < events.size(); i += 1000) {
      assertThat(events.get(i)).isEqualTo("%d {\"n\":%d}".formatted(i + 1, i));
    }
    assertThat(events(parquet("none.parquet", "SELECT 1 AS n WHERE false"))).isEmpty();
  }

  @Test
  void whatIsNoParquetOrIsDamagedSaysSo() throws Exception {
    Path file =
        parquet("a.parquet", "SELECT i AS n, md5(i::VARCHAR) AS text FROM range(200000) r(i)");
    byte[] good = Files.readAllBytes(file);
    byte[] damaged = good.clone();
    Arrays.fill(damaged, good.length / 2, good.length / 2 + 5000, (byte) 0x55);
    for (byte[] bad : List.of(new byte[0], new byte[100], Arrays.copyOf(good, 1000), damaged)) {
      Path broken = Files.write(folder.resolve("b.parquet"), bad);
      assertThatThrownBy(() -> events(broken))
          .isInstanceOf(IOException.class)
          .hasMessageContaining("b.parquet");
    }
  }

  @Test
  void filesAreNamedOneByOneByFolderOrByPattern() throws IOException {
    Files.createDirectories(folder.resolve("days/2"));
    for (String name : List.of("days/b.csv", "days/a.ndjson.gz", "days/2/c.parquet", "days/note")) {
      text(name, "");
    }
    assertThat(names("days")).containsExactly("days/2/c.parquet", "days/a.ndjson.gz", "days/b.csv");
    assertThat(names("days/note", "days/b.csv")).containsExactly("days/note", "days/b.csv");
    assertThat(names("days/*.{csv,gz}")).containsExactly("days/a.ndjson.gz", "days/b.csv");
    assertThat(names("days/**.parquet")).containsExactly("days/2/c.parquet");
    for (String nothing : List.of("days/x", "days/*.x", "nowhere/*.csv")) {
      assertThatThrownBy(() -> names(nothing)).hasMessageContaining(nothing);
    }
    assertThat(FileFormat.of(Path.of("a.CSV"))).hasValue(FileFormat.CSV);
    assertThat(FileFormat.of(Path.of("a.parquet.gz"))).isEmpty();
    assertThat(FileFormat.of(Path.of("a.txt"))).isEmpty();
  }

  private List<String> names(String... names) throws IOException {
    return FileNames.files(Arrays.stream(names).map(n -> folder + "/" + n).toList()).stream()
        .map(f -> folder.relativize(f).toString())
        .toList();
  }
}
