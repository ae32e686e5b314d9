package io.tidemark.server.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The commands as a user runs them.
class CliIT {
  private static final Duration PATIENCE = Duration.ofSeconds(40);
  private static final String APP = Checkout.ALLEZON.toString();

  @TempDir private static Path folder;
  private static NodeUnderTest node;

  @BeforeAll
  static void start() {
    Path lab = LabApp.write(folder.resolve("lab"));
    node = NodeUnderTest.start(folder.resolve("data"), List.of(Checkout.ALLEZON, lab));
  }

  @AfterAll
  static void stop() {
    node.close();
  }

  /// How a command ended.
  private record Ended(int code, String out, String err) {
    Ended expect(int wanted) {
      assertThat(code).as(out + "\n" + err).isEqualTo(wanted);
      return this;
    }
  }

  private static Ended run(String... arguments) {
    return runWithInput("", arguments);
  }

  private static Ended runWithInput(String input, String... arguments) {
    try (Command command = Command.tidemark(arguments).input(input)) {
      int code = command.exitCode(PATIENCE);
      return new Ended(code, command.out(), command.err());
    }
  }

  @Test
  void checkKnowsGoodFromBroken() throws IOException {
    assertThat(run("check", APP).expect(0).out()).isEqualTo("allezon: good: 1 streams, 2 views");
    Path broken = LabApp.write(folder.resolve("broken"));
    Path declaration = broken.resolve("app.yaml");
    Files.writeString(
        declaration,
        Files.readString(declaration)
            .replace("key: device", "key: devise")
            .replace("every: 1m", "every: 7m"));
    String mistakes = run("check", APP, broken.toString()).expect(1).err();
    assertThat(mistakes.lines().toList()).hasSizeGreaterThanOrEqualTo(3);
    assertThat(mistakes)
        .contains("app.yaml:6:10: ", "did you mean \"device\"?", "every: 7m")
        .doesNotContain("\tat ");
    run("check", APP + "x").expect(1);
    run("check").expect(2);
  }

  @Test
  void generateIsTheSameForTheSameSeed() {
    String some = run("generate", APP, "--count", "500", "--seed", "7").expect(0).out();
    assertThat(some.lines().count()).isEqualTo(500);
    assertThat(run("generate", APP, "--count", "500", "--seed", "7").out()).isEqualTo(some);
    String fewer = run("generate", APP, "--count", "20", "--seed", "7").out();
    assertThat(some).startsWith(fewer);
    assertThat(run("generate", APP, "--count", "20", "--seed", "8").out()).isNotEqualTo(fewer);
    assertThat(run("generate", APP, "--count", "0").expect(0).out()).isEmpty();
    assertThat(Http.JSON.readTree(some.lines().findFirst().orElseThrow()).get("cookie").asString())
        .isNotEmpty();
    run("generate", APP, "--count", "-1").expect(1);
    run("generate", folder.resolve("lab").toString()).expect(1);
  }

  @Test
  void generateSendsToANodeAndSendTakesFilesAndStandardInput() throws IOException {
    String accepted = "tidemark_events_accepted_total";
    double before = Math.max(0, node.http().metric(accepted, "user_tags"));
    run("generate", APP, "--count", "2500", "--to", node.address()).expect(0);
    assertThat(node.http().metric(accepted, "user_tags")).isEqualTo(before + 2500);

    String events = run("generate", APP, "--count", "7000", "--seed", "3").out();
    Path file = Files.writeString(folder.resolve("events.ndjson"), events);
    assertThat(send("", file.toString()).expect(0).err())
        .contains("7000 events accepted, 0 refused");
    String few = events.lines().limit(3).collect(Collectors.joining("\n"));
    assertThat(send(few).expect(0).err()).contains("3 events accepted, 0 refused");
    assertThat(send(few + "\n\n", "-").expect(0).err()).contains("3 events accepted, 0 refused");
    assertThat(send("").expect(0).err()).contains("0 events accepted, 0 refused");
    assertThat(node.http().metric(accepted, "user_tags")).isEqualTo(before + 2500 + 7006);
  }

  @Test
  void queryPrintsTablesAndFiles() throws IOException {
    String few = run("generate", APP, "--count", "20", "--seed", "11").out();
    send(few).expect(0);
    String sql = "SELECT $text AS word, count(*) > 0 AS some, NULL AS none, 7 AS n FROM user_tags";
    String table = query(sql, "--format", "table", "--param", "text=two\nlines").expect(0).out();
    assertThat(table.lines().toList())
        .startsWith(
            "word      | some | none | n",
            "----------+------+------+--",
            "two\u00b7lines | true | NULL | 7",
            "1 row")
        .anyMatch(line -> line.startsWith("mark user_tags/0:"));
    assertThat(query("SELECT 1 AS a, 'x' AS b").expect(0).out().lines())
        .containsExactly("a,b", "1,x");
    assertThat(
            runWithInput(
                    "SELECT $n + 1 AS m",
                    "query",
                    "-",
                    "--node",
                    node.address(),
                    "--param",
                    "n=4",
                    "--format",
                    "ndjson")
                .expect(0)
                .out())
        .isEqualTo("{\"m\":5}");
    Path file = folder.resolve("answer.parquet");
    query("SELECT 1", "--format", "parquet", "--output", file.toString()).expect(0);
    assertThat(Files.readString(file, java.nio.charset.StandardCharsets.ISO_8859_1))
        .startsWith("PAR1");
    Path stream = folder.resolve("answer.arrow");
    query("SELECT 'in arrow'", "--format", "arrow", "--output", stream.toString()).expect(0);
    assertThat(Files.readString(stream, java.nio.charset.StandardCharsets.ISO_8859_1))
        .contains("in arrow");
    assertThat(query("EXPLAIN SELECT * FROM user_tags", "--format", "table").expect(0).out())
        .contains("files_read");
    assertThat(query("SELECT * FROM user_tag").expect(1).err()).contains("did you mean user_tags?");
    Path none = folder.resolve("none.csv");
    query("SELECT nothing FROM user_tags", "--output", none.toString()).expect(1);
    assertThat(none).doesNotExist();
    query("SELECT 1", "--format", "xml").expect(1);
  }

  @Test
  void exportWritesTheEventsOfAMarkInTheOrderOfTime() throws Exception {
    send(run("generate", APP, "--count", "3000", "--seed", "5").out()).expect(0);
    Path json = folder.resolve("tags.ndjson");
    Ended done = export(json, "--format", "ndjson", "--part-rows", "100").expect(0);
    String mark = done.out().lines().toList().getLast().replace("mark ", "");
    String asked =
        query(
                "SELECT * FROM user_tags ORDER BY _time, _offset, _partition",
                "--format",
                "ndjson",
                "--limit",
                "1000000",
                "--after",
                mark)
            .expect(0)
            .out();
    List<String> lines = Files.readAllLines(json);
    assertThat(lines).hasSizeGreaterThanOrEqualTo(3000).isEqualTo(asked.lines().toList());
    assertThat(done.out()).startsWith("%,d events in ".formatted(lines.size()));
    String from = Http.JSON.readTree(lines.get(500)).get("_time").asString();
    String to = Http.JSON.readTree(lines.get(1500)).get("_time").asString();
    Path parquet = folder.resolve("tags.parquet");
    export(parquet, "--from", from, "--to", to.replace("Z", "+00:00"), "--part-rows", "300")
        .expect(0);
    long between =
        lines.stream()
            .map(line -> Http.JSON.readTree(line).get("_time").asString())
            .filter(time -> time.compareTo(from) >= 0 && time.compareTo(to) < 0)
            .count();
    try (var duckDb = java.sql.DriverManager.getConnection("jdbc:duckdb:");
        var rows =
            duckDb
                .createStatement()
                .executeQuery(
                    "SELECT count(*), count(DISTINCT (_partition, _offset)), count(product_info.brand_id) FROM '%s'"
                        .formatted(parquet))) {
      rows.next();
      assertThat(rows.getLong(1)).isEqualTo(rows.getLong(2)).isEqualTo(between).isPositive();
      assertThat(rows.getLong(3)).isPositive();
    }
    assertThat(export(json).expect(1).err()).contains("is there already");
    export(folder.resolve("x"), "--format", "csv").expect(1);
    Path none = folder.resolve("none");
    assertThat(
            run("export", "user_tag", "--output", none.toString(), "--node", node.address())
                .expect(1)
                .err())
        .contains("did you mean user_tags?");
    try (var files = Files.list(folder)) {
      assertThat(files.filter(f -> f.toString().contains(".part") || f.equals(none))).isEmpty();
    }
  }

  private static Ended export(Path file, String... options) {
    List<String> arguments = new java.util.ArrayList<>(List.of("export", "user_tags"));
    arguments.addAll(List.of("--node", node.address(), "--output", file.toString()));
    arguments.addAll(List.of(options));
    return run(arguments.toArray(String[]::new));
  }

  private static Ended query(String sql, String... options) {
    List<String> arguments = new java.util.ArrayList<>(List.of("query", sql));
    arguments.addAll(List.of("--node", node.address()));
    arguments.addAll(List.of(options));
    return run(arguments.toArray(String[]::new));
  }

  private static Ended send(String input, String... file) {
    List<String> arguments =
        new java.util.ArrayList<>(List.of("send", "user_tags", "--to", node.address()));
    arguments.addAll(List.of(file));
    return runWithInput(input, arguments.toArray(String[]::new));
  }

  @Test
  void sendReportsRefusedLinesByTheirNumbers() throws IOException {
    // The second batch has its own indexes; the numbers are those of the file.
    String lines =
        IntStream.rangeClosed(1, 6_000)
            .mapToObj(
                n ->
                    switch (n) {
                      case 2 -> "";
                      case 3 -> "{nonsense";
                      case 5_999 ->
                          "{\"device\":\"cli\",\"at\":\"2022-03-22T12:00:00Z\",\"n\":\"x\"}";
                      default ->
                          "{\"device\":\"cli\",\"at\":\"2022-03-22T12:00:00Z\",\"n\":" + n + "}";
                    })
            .collect(Collectors.joining("\n"));
    Path file = Files.writeString(folder.resolve("lines.ndjson"), lines);
    Ended ended = run("send", "readings", file.toString(), "--to", node.address()).expect(1);
    assertThat(ended.err())
        .contains("line 3 refused: malformed", "line 5999 refused: wrong_type /n")
        .contains("5997 events accepted, 2 refused");
    assertThat(run("send", "reading", file.toString(), "--to", node.address()).expect(1).err())
        .contains("404", "readings");
    assertThat(run("send", "readings", "no-such-file", "--to", node.address()).expect(1).err())
        .contains("no-such-file");
    assertThat(
            run("send", "readings", file.toString(), "--to", "http://127.0.0.1:1").expect(1).err())
        .contains("127.0.0.1:1")
        .doesNotContain("\tat ");
  }

  /// A node that dies in the middle of a request, as seen from its clients.
  @Test
  void aConnectionThatBreaksIsSaidInOneLine() throws IOException {
    try (ServerSocket server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
      Thread.startVirtualThread(
          () -> {
            while (!server.isClosed()) {
              try (Socket socket = server.accept()) {
                var _ = socket.getInputStream().readNBytes(10);
              } catch (IOException e) {
                return;
              }
            }
          });
      String url = "http://127.0.0.1:" + server.getLocalPort();
      for (Ended ended :
          List.of(run("generate", APP, "--to", url), run("load", APP, "--to", url))) {
        assertThat(ended.expect(1).err()).contains(url).doesNotContain("\tat ", "a bug");
      }
    }
  }

  @Test
  void loadVerifiesEveryAnswer() {
    Ended ended =
        run("load", APP, "--to", node.address(), "--verify", "--seconds", "5", "--rate", "300")
            .expect(0);
    assertThat(ended.out()).contains("0 mismatches", "errors: 0").contains("POST /user_profiles");
    assertThat(ended.out()).doesNotContain("verified: 0 answers");
    assertThat(run("load", APP, "--to", "http://127.0.0.1:1", "--seconds", "1").expect(1).err())
        .contains("127.0.0.1:1")
        .doesNotContain("\tat ");
  }

  @Test
  void whatIsAskedForIsPrintedAndWhatIsNotUnderstoodEndsWithTwo() {
    assertThat(run("--version").expect(0).out()).matches("tidemark [0-9]+\\..*");
    assertThat(run("import", "--help").expect(0).out()).contains("Usage: ", "--help");
    assertThat(run("rum").expect(2).err()).contains("rum");
  }
}
