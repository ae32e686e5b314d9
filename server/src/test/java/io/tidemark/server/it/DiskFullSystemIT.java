package io.tidemark.server.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A disk that has no room left, because of what comes in or because of others. Events are refused,
/// what is there is answered, and when there is room it all goes on by itself.
@Tag("alone")
class DiskFullSystemIT {
  private static final Duration SOON = Duration.ofSeconds(15);
  private static final int DISK_MB = 256;

  /// What a node keeps of a small disk.
  private static final long RESERVE_BYTES = 64L << 20;

  private static final int WRITERS = 4;

  @TempDir private Path folder;
  private final SplittableRandom random = new SplittableRandom(7);
  private final TagLedger tags = new TagLedger();
  private final MarkUnion readings = new MarkUnion();

  private NodeUnderTest launch(Disk disk) {
    return NodeUnderTest.launchAt(
        Http.freeAddress(),
        disk.path().resolve("data"),
        List.of(Checkout.ALLEZON, LabApp.write(folder.resolve("lab"))));
  }

  @Test
  void ingestFillsTheDisk() throws Exception {
    try (Disk disk = Disk.small(folder.resolve("disk"), DISK_MB);
        NodeUnderTest node = launch(disk)) {
      node.awaitReady();
      Http http = node.http();
      tags.write(http, 100);
      int sent = fillByIngest(http);
      refusesAndAnswers(http, sent);

      node.kill();
      node.relaunch();
      Poll.until("it serves", SOON.multipliedBy(2), () -> answers(http, sent));
      refusesAndAnswers(http, sent);

      disk.resize(2 * DISK_MB);
      node.awaitReady();
      accepts(http);
      assertThat(readings(http)).isEqualTo(sent);
      tags.verify(http);
    }
  }

  /// @return how many readings were accepted
  private int fillByIngest(Http http) {
    int sent = 0;
    while (true) {
      int size = 50;
      int first = sent;
      String lines =
          IntStream.range(first, first + size)
              .mapToObj(this::reading)
              .collect(Collectors.joining("\n"));
      Http.Answer answer = http.post("/v1/streams/readings", lines, "Content-Type", Http.NDJSON);
      if (answer.status() == 503) {
        answer.expectProblem(503, "disk-full");
        return sent;
      }
      readings.add(answer.expect(200).mark());
      sent += size;
    }
  }

  /// A reading with a hundred kilobytes that do not shrink.
  private String reading(int n) {
    String text =
        random
            .ints(100_000, 'a', 'z' + 1)
            .mapToObj(Character::toString)
            .collect(Collectors.joining());
    return "{\"at\":\"2022-03-22T12:00:00.%03dZ\",\"device\":\"d%d\",\"n\":1,\"text\":\"%s\"}"
        .formatted(n % 1000, n % 10, text);
  }

  private void refusesAndAnswers(Http http, int sent) throws IOException {
    Poll.until(
        "events are refused",
        SOON,
        () -> http.postJson("/user_tags", "{}").status() == 503,
        () -> http.get("/health/ready").text());
    tags.write(http, 1).expectProblem(503, "disk-full");
    tags.write(http, 10).expectProblem(503, "disk-full");
    assertThat(http.get("/health/ready").expect(503).text()).contains("nearly full");
    http.get("/health/live").expect(200);
    tags.query(http);
    assertThat(readings(http)).isEqualTo(sent);
  }

  private boolean answers(Http http, int sent) {
    try {
      return http.getOrBreak("/health/live").status() == 200 && readings(http) == sent;
    } catch (IOException _) {
      return false;
    }
  }

  private int readings(Http http) {
    int count = 0;
    var rows =
        http.get(
                "/v1/rollups/per_minute?from=2022-03-22T12:00:00Z&to=2022-03-22T12:01:00Z",
                "Tidemark-After",
                readings.toString())
            .expect(200)
            .json()
            .get("rows");
    for (var row : rows) {
      count += row.get("count").asInt();
    }
    return count;
  }

  private void accepts(Http http) {
    Poll.until("events are accepted", SOON, () -> tags.write(http, 1).status() == 204);
  }

  @Test
  void othersFillTheDisk() throws Exception {
    try (Disk disk = Disk.small(folder.resolve("disk"), DISK_MB);
        NodeUnderTest node = launch(disk)) {
      node.awaitReady();
      Http http = node.http();
      tags.write(http, 100);
      // There is less than the reserve: it refuses, and goes on when there is room.
      Path others = disk.fillUpTo("others", RESERVE_BYTES / 2);
      refusesAndAnswers(http, 0);
      Files.delete(others);
      accepts(http);
      Poll.until("it is ready", SOON, () -> http.get("/health/ready").status() == 200);

      // There is nothing at all, before it has noticed: the node may end, and says why.
      try (Load load = new Load().with(() -> tags.query(http))) {
        for (int i = 0; i < WRITERS; i++) {
          SplittableRandom own = random.split();
          load.with(() -> tags.write(http, own));
        }
        Poll.pass(500);
        disk.fillUpTo("others", 0);
        Poll.pass(2_000);
      }
      boolean ended = !node.command().process().isAlive();
      System.out.println("on a full disk the node " + (ended ? "has ended" : "goes on"));
      if (ended) {
        assertThat(node.log()).contains("its disk is full", "make room");
      }
      node.kill();

      // Started without any room it says so.
      node.relaunch();
      assertThat(node.command().exitCode(SOON)).isEqualTo(1);
      assertThat(node.log())
          .contains("the disk of", "is full: 0 MB are left", "make room")
          .doesNotContain("\tat ");

      Files.delete(others);
      node.relaunch().awaitReady();
      tags.verify(http);
      accepts(http);
      tags.verify(http);
    }
  }
}
