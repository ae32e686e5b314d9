package io.tidemark.server.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.server.kafka.EmbeddedBroker;
import io.tidemark.server.kafka.Sync;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/// Two nodes on one broker that is nobody's: they share the shards, either answers everything, and
/// one is enough.
class ClusterIT {
  private static final Duration FAIL_OVER = Duration.ofSeconds(15);
  private static final int SHARDS = 8;

  /// A node that is too far behind to take its shards back at once is asked again after a minute.
  private static final Duration BALANCED = Duration.ofSeconds(150);

  private static final long START_MS = Instant.parse("2022-03-22T12:00:00Z").toEpochMilli();
  private static final String AGGREGATES =
      "/aggregates?time_range=2022-03-22T12:00:00_2022-03-22T12:02:00"
          + "&action=VIEW&aggregates=COUNT&aggregates=SUM_PRICE";

  private static final Pattern ROLE = Pattern.compile("shard (user_tags/[0-9]+): \\w+ -> (\\w+)");

  private final MarkUnion marks = new MarkUnion();

  @Test
  void twoNodesShareTheShards(@TempDir Path folder) throws Exception {
    try (EmbeddedBroker broker =
            EmbeddedBroker.start(folder.resolve("kafka"), EmbeddedBroker.ANY_PORT, Sync.INTERVAL);
        NodeUnderTest one = launch(folder.resolve("one"), broker);
        NodeUnderTest two = launch(folder.resolve("two"), broker)) {
      one.awaitReady();
      two.awaitReady();
      post(one, 0, 500);
      post(two, 500, 1_000);
      awaitBalance(one, two);
      check(one, 1_000);
      check(two, 1_000);
      marksAreEqual(one, two);
    }
  }

  /// What becomes of a node, so that its shards move to the other one, and back when it returns.
  private enum Blow {
    /// It gives its shards up.
    STOP,
    /// The others find out that it is gone.
    KILL,
    /// The same; but it returns as if nothing had been, and believes it still has its shards.
    PAUSE
  }

  @Test
  void answersAreRightWhileShardsMove(@TempDir Path folder) throws Exception {
    TagLedger tags = new TagLedger();
    SplittableRandom random = new SplittableRandom(5);
    int moves = 0;
    try (EmbeddedBroker broker =
            EmbeddedBroker.start(folder.resolve("kafka"), EmbeddedBroker.ANY_PORT, Sync.INTERVAL);
        NodeUnderTest one = launchAt(folder.resolve("one"), broker);
        NodeUnderTest two = launchAt(folder.resolve("two"), broker)) {
      awaitBalance(one, two);
      try (Load load = new Load()) {
        for (NodeUnderTest node : List.of(one, two)) {
          Http http = node.http();
          SplittableRandom own = random.split();
          load.with(() -> tags.write(http, own)).with(() -> tags.query(http));
        }
        for (Blow blow : Blow.values()) {
          NodeUnderTest struck = blow == Blow.KILL ? two : one;
          int before = owned(struck);
          strike(blow, struck, struck == one ? two : one, tags);
          awaitBalance(one, two);
          moves += before + owned(struck);
          for (NodeUnderTest node : List.of(one, two)) {
            node.awaitReady();
            Poll.until("it answers", FAIL_OVER, () -> tags.query(node.http()).status() == 200);
          }
        }
      }
      tags.verify(one.http());
      tags.verify(two.http());
      System.out.printf("%d moves of shards, %d tags%n", moves, tags.acknowledged());
    }
  }

  /// Does it, waits until the other node has all shards, and lets it come back.
  private static void strike(Blow blow, NodeUnderTest struck, NodeUnderTest other, TagLedger tags)
      throws IOException {
    switch (blow) {
      case STOP -> assertThat(struck.stop()).isIn(0, 143);
      case KILL -> struck.kill();
      case PAUSE -> struck.command().signal("STOP");
    }
    // Until it is known to be gone its copies stand in, also where it only hangs.
    tags.queryVisible(other.http()).expect(200);
    Poll.until("the other has all", FAIL_OVER, () -> owned(other) == SHARDS, other::log);
    if (blow == Blow.PAUSE) {
      struck.command().signal("CONT");
    } else {
      struck.relaunch();
    }
  }

  private static void awaitBalance(NodeUnderTest one, NodeUnderTest two) {
    Poll.until(
        "both own shards",
        BALANCED,
        () -> owned(one) >= 2 && owned(two) >= 2 && owned(one) + owned(two) == SHARDS,
        () -> owned(one) + " and " + owned(two));
  }

  private static NodeUnderTest launchAt(Path data, EmbeddedBroker broker) {
    return NodeUnderTest.launchAt(
        Http.freeAddress(), data, List.of(Checkout.ALLEZON), "--kafka", broker.bootstrap());
  }

  private static NodeUnderTest launch(Path data, EmbeddedBroker broker) {
    return NodeUnderTest.launch(data, List.of(Checkout.ALLEZON), "--kafka", broker.bootstrap());
  }

  /// How many shards are the node's own, as its log says: it is not a copy's business to answer.
  private static int owned(NodeUnderTest node) {
    Map<String, String> roles = new HashMap<>();
    Matcher change = ROLE.matcher(node.log());
    while (change.find()) {
      roles.put(change.group(1), change.group(2));
    }
    return Collections.frequency(roles.values(), "ACTIVE");
  }

  private static UserTag tag(int n) {
    return UserTag.simple(START_MS + n, "cookie-" + n % 50, "VIEW", n);
  }

  private void post(NodeUnderTest node, int from, int to) {
    String lines =
        IntStream.range(from, to).mapToObj(n -> tag(n).json()).collect(Collectors.joining("\n"));
    Http.Answer answer =
        node.http().post("/v1/streams/user_tags", lines, "Content-Type", Http.NDJSON).expect(200);
    assertThat(answer.json().get("accepted").asInt()).isEqualTo(to - from);
    marks.add(answer.mark());
  }

  private static TagOracle oracle(int count) {
    TagOracle oracle = new TagOracle();
    oracle.add(IntStream.range(0, count).mapToObj(ClusterIT::tag).toList());
    return oracle;
  }

  private static String rows(int count) {
    return oracle(count)
        .aggregates(START_MS, START_MS + 120_000, "VIEW", List.of("COUNT", "SUM_PRICE"), Map.of());
  }

  private void check(NodeUnderTest node, int count) {
    TagOracle oracle = oracle(count);
    String after = marks.toString();
    assertThat(node.http().post(AGGREGATES, "", "Tidemark-After", after).expect(200).text())
        .isEqualTo(rows(count));
    for (int cookie = 0; cookie < 50; cookie++) {
      String path =
          "/user_profiles/cookie-%d?time_range=2022-03-22T12:00:00_2022-03-22T12:10:00"
              .formatted(cookie);
      byte[] profile = node.http().post(path, "", "Tidemark-After", after).expect(200).bytes();
      oracle.checkProfile(
          UserTag.EXACT.readTree(profile), "cookie-" + cookie, START_MS, START_MS + 600_000, 200);
    }
    JsonNode events =
        node.http()
            .get("/v1/streams/user_tags/events?limit=2000", "Tidemark-After", after)
            .expect(200)
            .json()
            .get("events");
    assertThat(events.size()).isEqualTo(count);
  }

  private void marksAreEqual(NodeUnderTest one, NodeUnderTest two) {
    String after = marks.toString();
    List<Http.Answer> answers = new ArrayList<>();
    for (NodeUnderTest node : List.of(one, two)) {
      answers.add(
          node.http()
              .get("/v1/streams/user_tags/events?limit=100", "Tidemark-After", after)
              .expect(200));
    }
    assertThat(answers.getFirst().mark()).isEqualTo(answers.getLast().mark());
    assertThat(answers.getFirst().text()).isEqualTo(answers.getLast().text());
  }
}
