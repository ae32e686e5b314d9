package io.tidemark.server.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A node's answers to the questions of the contract `allezon`, against an oracle that was written
/// from the contract alone. Replay with `-Dseed=`.
class AllezonOracleIT {
  private static final int TAGS = 100_000;

  /// What is posted one by one.
  private static final int SINGLE = 8_000;

  private static final int BATCH = 1_500;
  private static final int SENDERS = 8;
  private static final long MINUTE_MS = 60_000;
  private static final long HOUR_MS = 3_600_000;

  private final long seed = Long.getLong("seed", 1);
  private final SplittableRandom random = new SplittableRandom(seed ^ 0x5eed);
  private final NastyTags tags = new NastyTags(seed);
  private final TagOracle oracle = new TagOracle();
  private final MarkUnion acknowledged = new MarkUnion();

  @Test
  void everyAnswerIsRightOnTheTailInFilesAndInBoth(@TempDir Path data) throws Exception {
    System.out.println("seed " + seed);
    try (NodeUnderTest node = NodeUnderTest.allezon(data)) {
      send(node, tags.next(TAGS * 6 / 10));
      check(node);
      node.restart();
      check(node);
      send(node, tags.next(TAGS * 4 / 10));
      check(node);
      node.kill();
      node.relaunch().awaitReady();
      check(node);
      node.restart();
      check(node);
    }
  }

  private void send(NodeUnderTest node, List<UserTag> all) throws Exception {
    Http http = node.http();
    Semaphore free = new Semaphore(SENDERS);
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<?>> under = new ArrayList<>();
      int at = 0;
      int single = SINGLE * all.size() / TAGS;
      while (at < all.size()) {
        int size = at < single ? 50 : Math.min(all.size() - at, 1 + random.nextInt(BATCH));
        List<UserTag> batch = all.subList(at, Math.min(all.size(), at + size));
        boolean oneByOne = at < single;
        int form = random.nextInt(4);
        free.acquire();
        under.add(
            threads.submit(
                () -> {
                  try {
                    if (oneByOne) {
                      batch.forEach(tag -> postTag(http, tag));
                    } else {
                      postBatch(http, batch, form);
                    }
                  } finally {
                    free.release();
                  }
                }));
        at += batch.size();
      }
      for (Future<?> request : under) {
        request.get();
      }
    }
    oracle.add(all);
  }

  private void postTag(Http http, UserTag tag) {
    String body =
        switch ((int) Math.floorMod(tag.timeMs(), 3)) {
          case 0 -> tag.json();
          case 1 -> tag.escaped();
          default -> tag.pretty();
        };
    Http.Answer answer = http.postJson("/user_tags", body).expect(204);
    assertThat(answer.bytes()).isEmpty();
    acknowledged.add(answer.mark());
  }

  private void postBatch(Http http, List<UserTag> batch, int form) {
    boolean lines = form % 2 == 0;
    String text =
        lines
            ? batch.stream().map(UserTag::json).collect(Collectors.joining("\n"))
            : batch.stream().map(UserTag::escaped).collect(Collectors.joining(",\n", "[", "]"));
    String type = lines ? Http.NDJSON : "application/json";
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    String path = "/v1/streams/user_tags";
    Http.Answer answer =
        form < 2
            ? http.post(path, bytes, "Content-Type", type)
            : http.post(path, Http.gzip(bytes), "Content-Type", type, "Content-Encoding", "gzip");
    answer.expect(200);
    assertThat(answer.json().get("accepted").asInt()).isEqualTo(batch.size());
    acknowledged.add(answer.mark());
  }

  private void check(NodeUnderTest node) {
    Http http = node.http();
    for (String cookie : NastyTags.COOKIES) {
      checkCookie(http, cookie);
    }
    for (int i = 0; i < 150; i++) {
      checkCookie(http, tags.cookie());
    }
    checkCookie(http, "nobody");
    for (String action : List.of("VIEW", "BUY")) {
      for (int filters = 0; filters < 8; filters++) {
        for (int minutes = 0; minutes <= 10; minutes++) {
          checkAggregates(http, action, filters, minutes);
        }
      }
    }
  }

  private void checkCookie(Http http, String cookie) {
    long from = NastyTags.START_MS - 2 * NastyTags.MAX_LATE_MS;
    long to = tags.nowMs() + HOUR_MS;
    long fromSecond = from / 1000 * 1000;
    long toSecond = to / 1000 * 1000;
    checkProfile(http, cookie, UserTag.millis(from) + "_" + UserTag.millis(to), from, to, -1);
    checkProfile(
        http,
        cookie,
        UserTag.seconds(fromSecond) + "_" + UserTag.millis(toSecond),
        fromSecond,
        toSecond,
        1);
    checkProfile(
        http,
        cookie,
        UserTag.millis(fromSecond) + "_" + UserTag.seconds(toSecond),
        fromSecond,
        toSecond,
        1 + random.nextInt(1000));
    List<UserTag> own = oracle.of(cookie);
    if (own.isEmpty()) {
      return;
    }
    // Bounds at the very times of tags: closed at the start, open at the end.
    long one = own.get(random.nextInt(own.size())).timeMs();
    long other = own.get(random.nextInt(own.size())).timeMs();
    exactly(http, cookie, Math.min(one, other), Math.max(one, other), 200);
    exactly(http, cookie, one, one + 1, 1000);
    exactly(http, cookie, one, one, 200);
    exactly(http, cookie, one + 1, one + 1 + HOUR_MS, 10);
  }

  private void exactly(Http http, String cookie, long from, long to, int limit) {
    checkProfile(http, cookie, UserTag.millis(from) + "_" + UserTag.millis(to), from, to, limit);
  }

  /// @param limit -1: none is given
  private void checkProfile(Http http, String cookie, String range, long from, long to, int limit) {
    String path =
        "/user_profiles/%s?time_range=%s%s"
            .formatted(Http.encode(cookie), range, limit < 0 ? "" : "&limit=" + limit);
    Http.Answer answer = ask(http, path);
    try {
      oracle.checkProfile(
          UserTag.EXACT.readTree(answer.bytes()),
          cookie,
          from,
          to,
          limit < 0 ? TagOracle.DEFAULT_LIMIT : limit);
    } catch (AssertionError e) {
      throw new AssertionError("seed " + seed + ": " + path + ": " + e.getMessage(), e);
    }
  }

  private void checkAggregates(Http http, String action, int filters, int minutes) {
    List<String> aggregates =
        switch (random.nextInt(4)) {
          case 0 -> List.of("COUNT");
          case 1 -> List.of("SUM_PRICE");
          case 2 -> List.of("COUNT", "SUM_PRICE");
          default -> List.of("SUM_PRICE", "COUNT");
        };
    long hours = random.nextInt(4) == 0 ? random.nextLong(NastyTags.MAX_LATE_MS) : 0;
    long span = tags.nowMs() - NastyTags.START_MS + 5 * MINUTE_MS;
    long at = NastyTags.START_MS - hours + random.nextLong(span);
    long from = Math.floorDiv(at, MINUTE_MS) * MINUTE_MS;
    long to = from + minutes * MINUTE_MS;
    Map<String, String> where = new HashMap<>();
    // Mostly values that are there.
    if ((filters & 1) != 0) {
      where.put("origin", value(NastyTags.ORIGINS, "origin-"));
    }
    if ((filters & 2) != 0) {
      where.put("brand_id", value(NastyTags.BRANDS, "brand-"));
    }
    if ((filters & 4) != 0) {
      where.put("category_id", value(NastyTags.CATEGORIES, "category-"));
    }
    List<String> parameters = new ArrayList<>();
    parameters.add("time_range=" + UserTag.seconds(from) + "_" + UserTag.seconds(to));
    parameters.add("action=" + action);
    aggregates.forEach(a -> parameters.add("aggregates=" + a));
    where.forEach((name, value) -> parameters.add(name + "=" + Http.encode(value)));
    java.util.Collections.rotate(parameters, random.nextInt(parameters.size()));
    // The order of the aggregates in the query is that of the columns.
    List<String> inOrder =
        parameters.stream()
            .filter(p -> p.startsWith("aggregates="))
            .map(p -> p.substring("aggregates=".length()))
            .toList();
    String path = "/aggregates?" + String.join("&", parameters);
    assertThat(ask(http, path).text())
        .as("seed %d: %s", seed, path)
        .isEqualTo(oracle.aggregates(from, to, action, inOrder, where));
  }

  private String value(List<String> known, String prefix) {
    int choice = random.nextInt(known.size() + 1);
    return choice < known.size() ? known.get(choice) : prefix + random.nextInt(20);
  }

  private Http.Answer ask(Http http, String path) {
    return http.post(path, "", "Tidemark-After", acknowledged.toString()).expect(200);
  }
}
