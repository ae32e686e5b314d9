package io.tidemark.server.imports;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemark.event.FieldType;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
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

  /// Messages about folders.
  private final List<String> unreadable = new ArrayList<>();

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

  @Test
  void cellsMustBeUtf8() throws IOException {
    Path file = folder.resolve("a.csv");
    Files.write(file, "text,n\nstraße,1\ngrüßt,2\nż,3\n".getBytes(StandardCharsets.UTF_8));
    assertThat(events(file))
        .containsExactly(
            "2 {\"text\":\"straße\",\"n\":1}",
            "3 {\"text\":\"grüßt\",\"n\":2}",
            "4 {\"text\":\"ż\",\"n\":3}");
    Files.write(file, "text,n\nok,1\nstraße,2\nok,3\n".getBytes(StandardCharsets.ISO_8859_1));
    assertThat(events(file))
        .containsExactly(
            "2 {\"text\":\"ok\",\"n\":1}",
            "3 [\"stra\uFFFDe\",\"2\"] ! not UTF-8",
            "4 {\"text\":\"ok\",\"n\":3}");
    Files.write(file, "größe\n1\n".getBytes(StandardCharsets.ISO_8859_1));
    assertThatThrownBy(() -> events(file)).hasMessageContainingAll("a.csv", "not UTF-8");
  }

  @Test
  void linesThatAreTooLongAreSkipped() throws IOException {
    String fits = "x".repeat(EventFile.MAX_BYTES);
    Path file = text("a.ndjson", "{}\n" + fits + "xxx\n{}\n" + fits + "\n" + fits + "x");
    try (EventFile open = FileFormat.NDJSON.open(file, TYPES)) {
      for (int number = 1; number <= 5; number++) {
        EventFile.Event event = Objects.requireNonNull(open.next());
        boolean tooLong = number == 2 || number == 5;
        assertThat(event.number()).isEqualTo(number);
        assertThat(event.reason()).isEqualTo(tooLong ? "too_large" : "");
        assertThat(event.json().length).isEqualTo(tooLong ? 1000 : number == 4 ? fits.length() : 2);
      }
      assertThat(open.next()).isNull();
    }
  }

  @Test
  void aQuoteThatIsNeverClosedDoesNotFillTheMemory() throws IOException {
    Path file = text("a.csv", "a,b\n1,2\n3,\"" + "4,5\n".repeat(EventFile.MAX_BYTES / 2));
    assertThatThrownBy(() -> events(file))
        .isInstanceOf(IOException.class)
        .hasMessageContainingAll("a.csv, line 3", "8 MiB");
  }

  private static byte[] packed(String content) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (OutputStream gzip = new GZIPOutputStream(out)) {
      gzip.write(content.getBytes(StandardCharsets.UTF_8));
    }
    return out.toByteArray();
  }

  private Path members(byte[]... parts) throws IOException {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    for (byte[] part : parts) {
      all.writeBytes(part);
    }
    return Files.write(folder.resolve("members.ndjson.gz"), all.toByteArray());
  }

  @Test
  void allMembersOfAGzipFileAreRead() throws IOException {
    // Random ones span several buffers, and end anywhere within one.
    Random random = new Random(7);
    List<String> expected = new ArrayList<>();
    List<byte[]> parts = new ArrayList<>();
    for (int part = 0; part < 40; part++) {
      StringBuilder lines = new StringBuilder();
      for (int i = random.nextInt(2_000); i > 0; i--) {
        String line = Long.toString(random.nextLong());
        lines.append(line).append('\n');
        expected.add((expected.size() + 1) + " " + line);
      }
      parts.add(packed(lines.toString()));
    }
    parts.add(new byte[100_000]);
    assertThat(events(members(parts.toArray(byte[][]::new)))).isEqualTo(expected);
  }

  @Test
  void aDamagedMemberOfAGzipFileSaysSo() throws IOException {
    byte[] first = packed("{}\n");
    byte[] second = packed("{\"a\":1}\n");
    assertThat(events(members(first, second))).containsExactly("1 {}", "2 {\"a\":1}");
    for (int at : List.of(0, 1, 2, second.length - 8, second.length - 1)) {
      byte[] bad = second.clone();
      bad[at] = (byte) (bad[at] ^ 0x10);
      Path file = members(first, bad);
      assertThatThrownBy(() -> events(file))
          .as("byte " + at)
          .isInstanceOf(IOException.class)
          .hasMessageContaining("members.ndjson.gz");
    }
    for (int length = 1; length < second.length; length++) {
      Path file = members(first, Arrays.copyOf(second, length));
      assertThatThrownBy(() -> events(file)).as("length " + length).isInstanceOf(IOException.class);
    }
    Path more = members(first, new byte[7], second);
    assertThatThrownBy(() -> events(more)).isInstanceOf(IOException.class);
    Path none = members(new byte[0]);
    assertThatThrownBy(() -> events(none)).isInstanceOf(IOException.class);
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
              TIMESTAMP_NS '2022-03-22 12:15:00.123456200' AS ns,
              [TIMESTAMP '2022-03-22 12:15:00'] AS times
            """);
    assertThat(events(file))
        .containsExactly(
            "1 {\"n\":5,\"x\":1.50,\"b\":true,\"text\":\"a\\\"b\","
                + "\"info\":{\"tags\":[1],\"at\":\"2022-03-22T12:15:00.123Z\","
                + "\"a, b)\":{\"c'd\":\"2022-03-22T10:15:00.123456Z\"}},"
                + "\"ms\":1647951300500,\"deep\":{\"er\":{\"f\":12.25}},"
                + "\"list\":[1,null],\"map\":{\"k\":1},\"bytes\":\"YWI=\",\"day\":\"2022-03-22\","
                + "\"list of\":[{\"s\":1}],\"ns\":\"2022-03-22T12:15:00.123456Z\","
                + "\"times\":[\"2022-03-22 12:15:00\"]}");
  }

  @Test
  void namesOfParquetFilesAreNoPatterns() throws Exception {
    List<String> names = List.of("a[1].parquet", "a*.parquet", "a?.parquet", "it's [x]*.parquet");
    Path other = parquet("other.parquet", "SELECT 0 AS n");
    for (String decoy : List.of("a1.parquet", "ab.parquet", "it's x.parquet")) {
      Files.copy(other, folder.resolve(decoy));
    }
    for (int i = 0; i < names.size(); i++) {
      Path file = parquet("some.parquet", "SELECT %d AS n".formatted(i + 1));
      Path named = folder.resolve(names.get(i));
      Files.move(file, named);
      assertThat(events(named)).as(names.get(i)).containsExactly("1 {\"n\":%d}".formatted(i + 1));
    }
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

  @Test
  void foldersMayBeLinksAndThoseThatCannotBeReadAreNamed() throws IOException {
    Files.createDirectories(folder.resolve("days/1/deep"));
    Files.createDirectories(folder.resolve("days/2"));
    for (String name : List.of("days/1/a.csv", "days/1/deep/b.csv", "days/2/c.csv")) {
      text(name, "");
    }
    Files.createSymbolicLink(folder.resolve("link"), folder.resolve("days"));
    assertThat(names("link")).containsExactly("link/1/a.csv", "link/1/deep/b.csv", "link/2/c.csv");
    assertThat(names("link/*/*.csv")).containsExactly("link/1/a.csv", "link/2/c.csv");
    assertThatThrownBy(() -> names("days/[.csv")).isInstanceOf(IOException.class);
    Path locked = folder.resolve("days/1/deep");
    Files.setPosixFilePermissions(locked, Set.of());
    try {
      // Root reads everything.
      boolean all = Files.isReadable(locked);
      assertThat(names("link")).hasSize(all ? 3 : 2).contains("link/1/a.csv", "link/2/c.csv");
      assertThat(unreadable)
          .hasSize(all ? 0 : 1)
          .allMatch(message -> message.contains(folder + "/link/1/deep"));
      unreadable.clear();
      assertThat(names("days/*/*.csv")).containsExactly("days/1/a.csv", "days/2/c.csv");
      assertThat(unreadable).isEmpty();
    } finally {
      Files.setPosixFilePermissions(locked, PosixFilePermissions.fromString("rwx------"));
    }
  }

  private List<String> names(String... names) throws IOException {
    List<String> all = Arrays.stream(names).map(n -> folder + "/" + n).toList();
    return FileNames.files(all, unreadable::add).stream()
        .map(f -> folder.relativize(f).toString())
        .toList();
  }
}
