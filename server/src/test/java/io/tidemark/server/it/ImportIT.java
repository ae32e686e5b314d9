package io.tidemark.server.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/// Files of events come into a node, and out of it as they were.
class ImportIT {
  private static final Duration PATIENCE = Duration.ofSeconds(60);

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

  private record Ended(int code, String err) {
    Ended expect(int wanted) {
      assertThat(code).as(err).isEqualTo(wanted);
      return this;
    }
  }

  private static Ended run(String stream, Object... more) {
    List<String> arguments = new ArrayList<>(List.of("import", stream, "--to", node.address()));
    for (Object argument : more) {
      arguments.add(argument.toString());
    }
    try (Command command = Command.tidemark(arguments.toArray(String[]::new)).input("")) {
      return new Ended(command.exitCode(PATIENCE), command.err());
    }
  }

  /// All events of a device, once there are so many.
  private static Set<JsonNode> readings(String device, int count) {
    Set<JsonNode> found = new HashSet<>();
    Poll.until(
        count + " events of " + device,
        Duration.ofSeconds(20),
        () -> {
          found.clear();
          String path = "/v1/streams/readings/events?limit=10000&where.device=" + device;
          node.http()
              .get(path)
              .expect(200)
              .json()
              .get("events")
              .forEach(e -> found.add(e.has("event") ? e.get("event") : e));
          return found.size() == count;
        },
        () -> found.size() + " of them");
    return found;
  }

  private static String reading(String device, int n) {
    return "{\"at\":\"2022-03-22T12:%02d:%02d.%03dZ\",\"device\":\"%s\",\"n\":%d,\"x\":%s,\"text\":\"t %d\"}"
        .formatted(n / 60000 % 60, n / 1000 % 60, n % 1000, device, n, n + 0.5, n);
  }

  private static Set<JsonNode> expected(String device, int count) {
    return IntStream.range(0, count)
        .mapToObj(n -> Http.JSON.readTree(reading(device, n)))
        .collect(Collectors.toSet());
  }

  private static List<String> lines(String device, int from, int to) {
    return IntStream.range(from, to).mapToObj(n -> reading(device, n)).toList();
  }

  @Test
  void linesComeBackEqual() throws IOException {
    Path plain = Files.write(folder.resolve("a.ndjson"), lines("lines", 0, 4_000));
    Path packed = folder.resolve("b.ndjson.gz");
    try (OutputStream out = new GZIPOutputStream(Files.newOutputStream(packed))) {
      out.write(String.join("\n", lines("lines", 4_000, 7_000)).getBytes(StandardCharsets.UTF_8));
    }
    assertThat(run("readings", plain, packed).expect(0).err())
        .contains("7000 events accepted, 0 refused");
    assertThat(readings("lines", 7_000)).isEqualTo(expected("lines", 7_000));
  }

  @Test
  void cellsComeBackEqual() throws IOException {
    List<String> rows = new ArrayList<>(List.of("device,at,n,x,text,mode"));
    for (JsonNode event : expected("cells", 3_000)) {
      rows.add(
          "cells,%s,%s,%s,\"%s\","
              .formatted(
                  event.get("at").asString(),
                  event.get("n"),
                  event.get("x"),
                  event.get("text").asString()));
    }
    Files.write(Files.createDirectory(folder.resolve("days")).resolve("1.csv"), rows);
    assertThat(run("readings", folder.resolve("days")).expect(0).err())
        .contains("3000 events accepted, 0 refused");
    assertThat(readings("cells", 3_000)).isEqualTo(expected("cells", 3_000));

    // Fields of objects, and numbers in text.
    Path tags = folder.resolve("tags.csv");
    Files.writeString(
        tags,
        """
        time,cookie,country,device,action,origin,product_info.product_id,product_info.brand_id,product_info.category_id,product_info.price
        2022-03-22T12:15:00.000Z,007,PL,PC,VIEW,spring,a-1,nova,shoes,4900
        """);
    assertThat(run("user_tags", tags).expect(0).err()).contains("1 events accepted");
    Poll.until(
        "the tag is there",
        Duration.ofSeconds(20),
        () ->
            node.http()
                .get("/v1/timelines/profile/007")
                .text()
                .contains(
                    "\"product_info\":{\"product_id\":\"a-1\",\"brand_id\":\"nova\",\"category_id\":\"shoes\",\"price\":4900}"));
  }

  @Test
  void columnsComeBackEqual() throws SQLException {
    Path file = folder.resolve("a.parquet");
    try (Connection database = DriverManager.getConnection("jdbc:duckdb:");
        Statement statement = database.createStatement()) {
      statement.execute(
          ("COPY (SELECT TIMESTAMP '2022-03-22 12:00:00' + to_milliseconds(i) AS at, 'columns' AS device,"
                  + " i AS n, i + 0.5::DOUBLE AS x, 't ' || i AS text FROM range(6000) r(i))"
                  + " TO '%s' (FORMAT parquet)")
              .formatted(file));
    }
    assertThat(run("readings", file).expect(0).err()).contains("6000 events accepted, 0 refused");
    assertThat(readings("columns", 6_000)).isEqualTo(expected("columns", 6_000));
  }

  @Test
  void refusedEventsAreReportedWithTheirPlacesAndKept() throws IOException {
    List<String> lines = new ArrayList<>(lines("refused", 0, 6_000));
    lines.set(2, "{nonsense");
    lines.set(5_998, "{\"device\":\"refused\",\"at\":\"2022-03-22T12:00:00Z\",\"n\":\"x\"}");
    Path file = Files.write(folder.resolve("some.txt"), lines);
    Path csv =
        Files.writeString(folder.resolve("some.csv"), "device,at,n\nrefused,yesterday,1\nx\n");
    Path refused = folder.resolve("refused.ndjson");
    assertThat(run("readings", file).expect(1).err()).contains("--format ndjson");
    assertThat(run("readings", file, "--format", "ndjson", "--refused", refused).expect(1).err())
        .contains(
            "some.txt, line 3 refused: malformed",
            "some.txt, line 5999 refused: wrong_type /n",
            "5998 events accepted, 2 refused");
    List<JsonNode> kept = Files.readAllLines(refused).stream().map(Http.JSON::readTree).toList();
    assertThat(kept).hasSize(2);
    for (JsonNode entry : kept) {
      int line = entry.get("line").asInt();
      assertThat(entry.get("file").asString()).isEqualTo(file.toString());
      if (line == 3) {
        assertThat(entry.get("text").asString()).isEqualTo("{nonsense");
      } else {
        assertThat(line).isEqualTo(5_999);
        assertThat(entry.get("reason").asString()).isEqualTo("wrong_type");
        assertThat(entry.get("pointer").asString()).isEqualTo("/n");
        assertThat(entry.get("event")).isEqualTo(Http.JSON.readTree(lines.get(5_998)));
      }
    }
    assertThat(run("readings", csv).expect(1).err())
        .contains(
            "some.csv, line 2 refused: format /at",
            "some.csv, line 3 refused: malformed : 1 cells instead of the 3",
            "0 events accepted, 2 refused");
  }

  private static String order(int n) {
    return "{\"at\":\"2022-03-22T12:00:00Z\",\"customer\":\"c%d\",\"order_id\":\"o%d\",\"amount\":1}"
        .formatted(n % 10, n);
  }

  /// A file breaks off; it goes on from where it said; what is sent twice has an id, and counts
  /// once.
  @Test
  void goesOnWhereItStopped() throws IOException {
    Path whole = folder.resolve("orders.json.gz");
    try (OutputStream out = new GZIPOutputStream(Files.newOutputStream(whole))) {
      for (int n = 1; n <= 40_000; n++) {
        out.write((order(n) + "\n").getBytes(StandardCharsets.UTF_8));
      }
    }
    byte[] bytes = Files.readAllBytes(whole);
    Path torn = folder.resolve("torn.json.gz");
    Files.write(torn, java.util.Arrays.copyOf(bytes, bytes.length * 2 / 3));
    String stopped = run("orders", torn).expect(1).err();
    assertThat(stopped).contains("stopped at " + torn + ", line ", "--from-line ", "count once");
    String from = stopped.replaceAll("(?s).*--from-line (\\d+).*", "$1");
    assertThat(Integer.parseInt(from)).isGreaterThan(10_000);

    Files.write(torn, bytes);
    String some = Integer.toString(Math.max(1, Integer.parseInt(from) - 1_000));
    run("orders", torn, "--from-line", some).expect(0);
    Poll.until(
        "each order counts once",
        Duration.ofSeconds(30),
        () -> {
          JsonNode rows =
              node.http()
                  .get(
                      "/v1/rollups/order_totals?from=2022-03-22T12:00:00Z&to=2022-03-22T12:01:00Z&measures=count")
                  .expect(200)
                  .json()
                  .get("rows");
          return !rows.isEmpty() && rows.get(0).get("count").asInt() == 40_000;
        },
        () -> node.http().get("/v1/quarantine").text());
  }

  @Test
  void whatCannotBeDoneIsSaid() throws IOException {
    Path file = Files.write(folder.resolve("one.ndjson"), lines("x", 0, 1));
    assertThat(run("reading", file).expect(1).err()).contains("404", "readings");
    assertThat(run("readings", folder.resolve("nothing-*.csv")).expect(1).err())
        .contains("nothing-*.csv");
    assertThat(run("readings", file, "--from-line", "0").expect(1).err()).contains("--from-line");
    run("readings").expect(2);
    run("readings", file, "--format", "xml").expect(2);
    try (Command command =
        Command.tidemark("import", "readings", file.toString(), "--to", "http://127.0.0.1:1")) {
      assertThat(command.exitCode(PATIENCE)).isEqualTo(1);
      assertThat(command.err()).contains("127.0.0.1:1").doesNotContain("\tat ");
    }
  }

  @Test
  void whoInterruptsItIsToldWhereToGoOn() throws IOException {
    Path file = folder.resolve("long.ndjson");
    // So many that nobody has sent them all before he is interrupted.
    for (int i = 0; i < 5; i++) {
      Files.write(
          file,
          lines("interrupted", 0, 400_000),
          StandardOpenOption.CREATE,
          StandardOpenOption.APPEND);
    }
    String accepted = "tidemark_events_accepted_total";
    double before = Math.max(0, node.http().metric(accepted, "readings"));
    try (Command command =
        Command.tidemark("import", "readings", file.toString(), "--to", node.address())) {
      Poll.until(
          "some are accepted", PATIENCE, () -> node.http().metric(accepted, "readings") > before);
      command.signal("INT");
      assertThat(command.exitCode(PATIENCE)).isEqualTo(130);
      assertThat(command.err()).contains("stopped at " + file, "--from-line ", "twice");
    }
  }

  @Test
  void theNodeDescribesItsStreams() {
    JsonNode all = node.http().get("/v1/streams").expect(200).json().get("streams");
    assertThat(all.valueStream().map(s -> s.get("stream").asString()))
        .containsExactly("user_tags", "readings", "orders");
    JsonNode orders = node.http().get("/v1/streams/orders").expect(200).json();
    assertThat(orders.at("/id/field").asString()).isEqualTo("order_id");
    assertThat(orders.at("/id/window_ms").asInt()).isEqualTo(3_600_000);
    assertThat(orders.at("/key/0").asString()).isEqualTo("customer");
    assertThat(orders.get("time").asString()).isEqualTo("at");
    assertThat(orders.get("retain_ms").isNull()).isTrue();
    assertThat(orders.at("/fields/0/type").asString()).isEqualTo("timestamp");
    assertThat(orders.at("/fields/3/path").asString()).isEqualTo("amount");
    assertThat(orders.at("/schema/additionalProperties").isBoolean()).isTrue();
    assertThat(orders.at("/views/0/measures/1").asString()).isEqualTo("total");
    JsonNode tags = node.http().get("/v1/streams/user_tags").expect(200).json();
    assertThat(tags.get("retain_ms").asLong()).isEqualTo(86_400_000);
    assertThat(tags.at("/views/0/split").asString()).isEqualTo("action");
    node.http().get("/v1/streams/nothing").expect(404);
    node.http().get("/v1/streams?x=1").expect(400);
  }
}
