package io.tidemark.server.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.server.node.DataFolder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/// A node as whoever runs it sees it: starts that cannot be, signals, health, metrics, damaged and
/// missing files, declarations that change.
class OperationsIT {
  private static final Duration SOON = Duration.ofSeconds(5);
  private static final long START_MS = Instant.parse("2022-03-22T12:00:00Z").toEpochMilli();
  private static final String PROFILE =
      "/user_profiles/ann?time_range=2022-03-22T12:00:00_2022-03-22T13:00:00";

  @TempDir private Path folder;

  @Test
  void whatCannotStartSaysWhyAndEnds() throws IOException {
    Path data = folder.resolve("data");
    try (NodeUnderTest node = NodeUnderTest.allezon(data)) {
      String address = node.address().substring("http://".length());
      String app = Checkout.ALLEZON.toString();
      fails(List.of("another node", data.toString(), "--data"), "run", app, "--data", path(data));
      String other = path(folder.resolve("other"));
      fails(List.of("--sync never", "always"), "run", app, "--data", other, "--sync", "never");
      fails(List.of("--standbys", "--kafka"), "run", app, "--data", other, "--standbys", "0");
      fails(
          List.of("cannot listen on " + address, "--http"),
          "run",
          app,
          "--http",
          address,
          "--data",
          path("other"));
      Path broken = LabApp.write(folder.resolve("broken"));
      Path declaration = broken.resolve("app.yaml");
      Files.writeString(
          declaration, Files.readString(declaration).replace("key: device", "key: devise"));
      fails(
          List.of("app.yaml:6:10:", "devise", "did you mean \"device\"?"),
          "run",
          broken.toString(),
          "--data",
          path("other"));
      fails(
          List.of("no such folder", "did you mean"),
          "run",
          app.replace("allezon", "alezon"),
          "--data",
          path("other"));
      Files.writeString(folder.resolve("file"), "");
      fails(List.of("data folder"), "run", app, "--data", path("file"));
      fails(List.of("HOST:PORT"), "run", app, "--http", "nonsense", "--data", path("other"));
      // None of them has disturbed the one that runs.
      node.http().get("/health/ready").expect(200);
    }
  }

  private String path(String name) {
    return path(folder.resolve(name));
  }

  private static String path(Path path) {
    return path.toString();
  }

  /// Fails with exit code 1, within moments, with a message that has these parts and no stack
  /// trace.
  private static void fails(List<String> parts, String... arguments) {
    try (Command command = Command.tidemark(arguments)) {
      assertThat(command.exitCode(SOON.multipliedBy(2))).as(command.toString()).isEqualTo(1);
      assertThat(command.err()).contains(parts).doesNotContain("\tat ").doesNotContain("bug");
      assertThat(command.out()).isEmpty();
    }
  }

  @Test
  void aSignalEndsItCleanlyUnderLoad() {
    try (NodeUnderTest node = NodeUnderTest.allezon(folder.resolve("data"))) {
      Http http = node.http();
      for (int n = 0; n < 200; n++) {
        http.postJson("/user_tags", tag(n).json()).expect(204);
      }
      long start = System.nanoTime();
      int code = node.stop();
      assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(SOON);
      assertThat(code).isIn(0, 143);
      node.relaunch().awaitReady();
      checkTags(node, 200);
    }
  }

  @Test
  void healthAndMetricsTellWhatThereIs() {
    try (NodeUnderTest node = NodeUnderTest.allezon(folder.resolve("data"))) {
      Http http = node.http();
      assertThat(http.get("/health/live").expect(200).json().get("status").asString())
          .isEqualTo("live");
      http.postJson("/user_tags", tag(1).json()).expect(204);
      http.postJson("/user_tags", "{}").expect(400);
      checkTags(node, 1, 1);
      JsonNode ready = http.get("/health/ready").expect(200).json();
      assertThat(ready.get("status").asString()).isEqualTo("ready");
      Map<String, JsonNode> stages =
          ready
              .get("stages")
              .valueStream()
              .collect(Collectors.toMap(s -> s.path("subject").asString(), s -> s));
      assertThat(stages.keySet())
          .containsAll(IntStream.range(0, 8).mapToObj(p -> "user_tags/" + p).toList());
      JsonNode stage = Objects.requireNonNull(stages.get("user_tags/0"));
      assertThat(stage.get("healthy").asBoolean()).isTrue();
      assertThat(stage.get("unapplied").asLong()).isZero();
      assertThat(stage.get("oldest_unapplied_offset").asLong()).isEqualTo(-1);

      assertThat(http.get("/metrics").header("Content-Type")).startsWith("text/plain");
      assertThat(http.metric("tidemark_events_accepted_total", "stream=\"user_tags\""))
          .isEqualTo(1);
      assertThat(http.metric("tidemark_events_refused_total", "stream=\"user_tags\"", "missing"))
          .isEqualTo(1);
      assertThat(http.metric("tidemark_ingest_bytes_total")).isPositive();
      assertThat(
              http.metric(
                  "tidemark_requests_seconds_count", "route=\"/user_tags\"", "status=\"204\""))
          .isEqualTo(1);
      assertThat(http.metric("tidemark_log_append_seconds_count")).isEqualTo(1);
      assertThat(http.metric("tidemark_shard_events")).isEqualTo(1);
      assertThat(http.metric("tidemark_shard_next_offset", "partition=\"0\""))
          .isGreaterThanOrEqualTo(0);
      assertThat(http.metric("tidemark_shard_lag")).isZero();
      assertThat(http.metric("tidemark_contract_mismatches_total")).isZero();
      for (String name :
          List.of(
              "tidemark_freshness_seconds_count",
              "tidemark_checkpoint_seconds_count",
              "tidemark_checkpoint_bytes_sum",
              "tidemark_shard_lag_age_ms",
              "tidemark_in_flight_bytes",
              "jvm_memory_used_bytes",
              "jvm_threads_live_threads",
              "process_uptime_seconds")) {
        assertThat(http.metric(name)).as(name).isNotEqualTo(-1);
      }
    }
  }

  @Test
  void aNodeWhoseFolderIsTakenAwayDoesNotWriteIntoTheNext() throws IOException {
    Path data = folder.resolve("data");
    try (NodeUnderTest first = NodeUnderTest.allezon(data)) {
      post(first, 0, 300);
      first.command().signal("TERM");
      Files.move(data, folder.resolve("moved"));
      try (NodeUnderTest second = NodeUnderTest.allezon(data)) {
        assertThat(first.command().exitCode(SOON)).isEqualTo(1);
        assertThat(first.log()).contains(data + " was moved or deleted while the node used it");
        post(second, 300, 400);
        second.kill();
        second.relaunch().awaitReady();
        checkTags(second, 300, 100);
      }
    }
  }

  @Test
  void aDamagedManifestIsNotBelieved() throws IOException {
    Path data = folder.resolve("data");
    try (NodeUnderTest node = NodeUnderTest.allezon(data)) {
      post(node, 0, 300);
      node.restart();
      post(node, 300, 600);
      assertThat(node.stop()).isIn(0, 143);
      List<Path> manifests = newestManifests(data);
      assertThat(manifests).isNotEmpty();
      for (int i = 0; i < manifests.size(); i++) {
        damage(manifests.get(i), i % 3);
      }
      node.relaunch().awaitReady();
      assertThat(node.log()).contains("is corrupt").contains("falling back");
      checkTags(node, 600);
      // What the fall-back has found is a good base for more.
      post(node, 600, 700);
      node.restart();
      assertThat(node.log()).doesNotContain("is corrupt");
      checkTags(node, 700);
    }
  }

  private static List<Path> newestManifests(Path data) throws IOException {
    try (Stream<Path> files = Files.walk(data.resolve("shards"))) {
      return files
          .filter(f -> f.getFileName().toString().startsWith("manifest-"))
          .collect(Collectors.groupingBy(Path::getParent))
          .values()
          .stream()
          .map(all -> all.stream().max(Comparator.naturalOrder()).orElseThrow())
          .sorted()
          .toList();
    }
  }

  private static void damage(Path file, int kind) throws IOException {
    byte[] bytes = Files.readAllBytes(file);
    switch (kind) {
      case 0 -> bytes[bytes.length / 2] ^= 0x40;
      case 1 -> bytes = java.util.Arrays.copyOf(bytes, bytes.length / 2);
      default -> bytes = new byte[0];
    }
    Files.write(file, bytes);
  }

  @Test
  void lostShardsAreMadeAgainFromTheLog() throws IOException {
    Path data = folder.resolve("data");
    try (NodeUnderTest node = NodeUnderTest.allezon(data)) {
      post(node, 0, 300);
      node.restart();
      post(node, 300, 400);
      node.stop();
      DataFolder.delete(data.resolve("shards"));
      node.relaunch().awaitReady();
      checkTags(node, 400);
    }
  }

  @Test
  void viewsComeAndGoWithTheirDeclaration() throws IOException {
    Path app = LabApp.writeWithoutTimeline(folder.resolve("lab"));
    Path data = folder.resolve("data");
    try (NodeUnderTest node = NodeUnderTest.start(data, List.of(app))) {
      readings(node, 0, 60);
      node.http().get("/v1/timelines/latest/d").expectProblem(404, "not-found");
      node.restart();
      readings(node, 60, 90);
      node.stop();
      LabApp.write(app);
      node.relaunch().awaitReady().awaitFilled();
      assertThat(latest(node)).isEqualTo(90);
      assertThat(counted(node)).isEqualTo(90);
      readings(node, 90, 95);
      node.restart();
      assertThat(latest(node)).isEqualTo(95);
      assertThat(segments(data, "per_minute")).isNotEmpty();

      Path declaration = app.resolve("app.yaml");
      String without = Files.readString(declaration).replaceAll("(?s)  per_minute:.*?\n  o", "  o");
      assertThat(without).doesNotContain("per_minute").contains("order_totals");
      node.stop();
      Files.writeString(declaration, without);
      node.relaunch().awaitReady();
      node.http().get("/v1/rollups/per_minute").expectProblem(404, "not-found");
      // Until two checkpoints have been made the ones before are a way back.
      for (int n = 95; n < 97; n++) {
        readings(node, n, n + 1);
        node.restart();
      }
      assertThat(segments(data, "per_minute")).isEmpty();
      assertThat(latest(node)).isEqualTo(97);
    }
  }

  private static void readings(NodeUnderTest node, int from, int to) {
    String lines =
        IntStream.range(from, to)
            .mapToObj(
                n ->
                    "{\"at\":\"2022-03-22T12:00:00.%03dZ\",\"device\":\"d\",\"n\":%d}"
                        .formatted(n, n))
            .collect(Collectors.joining("\n"));
    Http.Answer answer =
        node.http().post("/v1/streams/readings", lines, "Content-Type", Http.NDJSON).expect(200);
    // So that a stop that follows puts them into a checkpoint.
    node.http()
        .get("/v1/streams/readings/events?limit=1", "Tidemark-After", answer.mark())
        .expect(200);
  }

  private static int latest(NodeUnderTest node) {
    return node.http().get("/v1/timelines/latest/d").expect(200).json().get("events").size();
  }

  private static int counted(NodeUnderTest node) {
    return node.http()
        .get("/v1/rollups/per_minute?from=2022-03-22T12:00:00Z&to=2022-03-22T12:01:00Z")
        .expect(200)
        .json()
        .get("rows")
        .get(0)
        .get("count")
        .asInt();
  }

  private static List<Path> segments(Path data, String view) throws IOException {
    try (Stream<Path> files = Files.walk(data.resolve("shards"))) {
      return files.filter(f -> f.getFileName().toString().startsWith(view)).toList();
    }
  }

  private static UserTag tag(int n) {
    // One cookie for the profile, and others so that every shard has something.
    return UserTag.simple(START_MS + n, n % 5 == 0 ? "ann" : "cookie-" + n % 97, "VIEW", n);
  }

  private static void post(NodeUnderTest node, int from, int to) {
    String lines =
        IntStream.range(from, to).mapToObj(n -> tag(n).json()).collect(Collectors.joining("\n"));
    Http.Answer answer =
        node.http().post("/v1/streams/user_tags", lines, "Content-Type", Http.NDJSON).expect(200);
    // So that what follows, a stop too, comes after all views have it.
    node.http().post(PROFILE, "", "Tidemark-After", answer.mark()).expect(200);
  }

  private static void checkTags(NodeUnderTest node, int count) {
    checkTags(node, 0, count);
  }

  private static void checkTags(NodeUnderTest node, int from, int count) {
    TagOracle oracle = new TagOracle();
    oracle.add(IntStream.range(from, from + count).mapToObj(OperationsIT::tag).toList());
    String aggregates =
        "/aggregates?time_range=2022-03-22T12:00:00_2022-03-22T12:01:00"
            + "&action=VIEW&aggregates=COUNT&aggregates=SUM_PRICE";
    String expected =
        oracle.aggregates(
            START_MS, START_MS + 60_000, "VIEW", List.of("COUNT", "SUM_PRICE"), Map.of());
    Poll.until(
        "aggregates " + expected,
        Duration.ofSeconds(10),
        () -> node.http().post(aggregates, "").expect(200).text().equals(expected),
        () -> node.http().post(aggregates, "").text());
    JsonNode profile = UserTag.EXACT.readTree(node.http().post(PROFILE, "").expect(200).bytes());
    oracle.checkProfile(profile, "ann", START_MS, START_MS + 3_600_000, TagOracle.DEFAULT_LIMIT);
  }
}
