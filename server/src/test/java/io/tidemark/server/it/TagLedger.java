package io.tidemark.server.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import tools.jackson.databind.JsonNode;

/// User tags that are sent to a node which may die at any moment, one by one and many at once, and
/// what its answers must therefore be. For many threads, except where tags are compared.
final class TagLedger {
  private static final int MAX_BATCH = 40;
  private static final long START_MS = Instant.parse("2022-03-22T12:00:00Z").toEpochMilli();
  private static final long DAY_MS = 86_400_000;

  /// Between consecutive tags in event time.
  private static final long STEP_MS = 7;

  /// Fewer than a timeline keeps of one action, so that a profile tells of all of a cookie's tags.
  private static final int TAGS_OF_A_COOKIE = 150;

  private final AtomicInteger nextNumber = new AtomicInteger();

  /// The numbers of tags that must be there, and when that was said, on the clock of
  /// [System#nanoTime].
  private final Map<Integer, Long> acknowledged = new ConcurrentHashMap<>();

  /// Those whose request broke: they may be there or not.
  private final Set<Integer> unknown = new ConcurrentSkipListSet<>();

  /// Those that were found not to be there after all: they must never turn up.
  private final Set<Integer> gone = new HashSet<>();

  private volatile MarkUnion marks = new MarkUnion();

  /// Sends a tag, or some in one request.
  ///
  /// @throws IOException where the node goes away meanwhile
  void write(Http http, SplittableRandom random) throws IOException {
    write(http, random.nextInt(3) == 0 ? 1 + random.nextInt(MAX_BATCH) : 1);
  }

  /// @return the answer, which may be a refusal by a node that stops, is full, or has no log
  Http.Answer write(Http http, int size) throws IOException {
    int first = nextNumber.getAndAdd(size);
    List<Integer> numbers = IntStream.range(first, first + size).boxed().toList();
    unknown.addAll(numbers);
    Http.Answer answer;
    if (size == 1) {
      answer = http.postOrBreak("/user_tags", tag(first).json(), "application/json");
    } else {
      String lines = numbers.stream().map(n -> tag(n).json()).collect(Collectors.joining("\n"));
      answer = http.postOrBreak("/v1/streams/user_tags", lines, Http.NDJSON);
    }
    if (answer.status() != 503 && answer.status() != 207) {
      answer.expect(size == 1 ? 204 : 200);
      marks.add(answer.mark());
      long now = System.nanoTime();
      numbers.forEach(n -> acknowledged.put(n, now));
      unknown.removeAll(numbers);
    }
    return answer;
  }

  /// Asks how many tags there are of those that were acknowledged before, and perhaps more.
  Http.Answer query(Http http) throws IOException {
    return query(http, marks.toString());
  }

  /// The same of whatever is visible.
  Http.Answer queryVisible(Http http) throws IOException {
    return query(http, "");
  }

  /// The answer has as many tags as its mark says, and its mark has what was asked for.
  private static Http.Answer query(Http http, String after) throws IOException {
    String path = "/v1/rollups/actions?from=2022-03-22T00:00:00Z&to=2022-03-24T00:00:00Z";
    Http.Answer answer =
        after.isEmpty() ? http.getOrBreak(path) : http.getOrBreak(path, "Tidemark-After", after);
    assertThat(answer.status()).as(answer.text()).isIn(200, 503, 504);
    if (answer.status() == 200) {
      long count = 0;
      for (JsonNode row : answer.json().get("rows")) {
        count += row.get("count").asLong();
      }
      MarkUnion mark = MarkUnion.of(answer.mark());
      assertThat(count).as("tags below %s", mark).isEqualTo(mark.records());
      assertThat(mark.covers(after)).as("%s has %s", mark, after).isTrue();
    }
    return answer;
  }

  int acknowledged() {
    return acknowledged.size();
  }

  MarkUnion marks() {
    return marks;
  }

  /// A log that has lost events gives their offsets to others: marks of before mean nothing.
  void forgetMarks() {
    marks = new MarkUnion();
  }

  /// Everything that was acknowledged is there, once, in every view.
  void verify(Http http) {
    Set<Integer> present = present(http);
    assertThat(lost(present)).as("acknowledged and lost").isEmpty();
    settle(present);
  }

  /// Reads which tags are there, and requires that all views agree, that none is there twice, that
  /// each is as it was sent, and that none has risen.
  Set<Integer> present(Http http) {
    int count = nextNumber.get();
    Set<Integer> present = new TreeSet<>();
    for (int n = 0; n < count; n += TAGS_OF_A_COOKIE) {
      readProfile(http, cookie(n), present);
    }
    Set<Integer> risen = new TreeSet<>(gone);
    risen.retainAll(present);
    assertThat(risen).as("not there before, now there").isEmpty();
    Set<Integer> notSent = new TreeSet<>(present);
    notSent.removeAll(acknowledged.keySet());
    notSent.removeAll(unknown);
    assertThat(notSent).as("never sent").isEmpty();
    checkAggregates(http, present, count);
    return present;
  }

  /// Those that were acknowledged and are not there, and when they were acknowledged.
  Map<Integer, Long> lost(Set<Integer> present) {
    return acknowledged.entrySet().stream()
        .filter(e -> !present.contains(e.getKey()))
        .collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue));
  }

  /// From now on it is settled which tags are there.
  void settle(Set<Integer> present) {
    gone.addAll(unknown);
    gone.addAll(acknowledged.keySet());
    gone.removeAll(present);
    acknowledged.keySet().retainAll(present);
    present.forEach(n -> acknowledged.putIfAbsent(n, 0L));
    unknown.clear();
  }

  private static UserTag tag(int number) {
    return UserTag.simple(
        START_MS + number * STEP_MS, cookie(number), number % 3 == 0 ? "BUY" : "VIEW", number);
  }

  private static String cookie(int number) {
    return "cookie-" + number / TAGS_OF_A_COOKIE;
  }

  private void readProfile(Http http, String cookie, Set<Integer> present) {
    String path =
        "/user_profiles/%s?time_range=%s_%s"
            .formatted(cookie, UserTag.millis(START_MS), UserTag.millis(START_MS + DAY_MS));
    JsonNode profile = http.post(path, "", "Tidemark-After", marks.toString()).expect(200).json();
    for (String list : List.of("views", "buys")) {
      for (JsonNode tag : profile.get(list)) {
        int number = tag.get("product_info").get("price").asInt();
        assertThat(tag).isEqualTo(Http.JSON.readTree(tag(number).json()));
        assertThat(present.add(number)).as("%s once in %s", tag, path).isTrue();
      }
    }
  }

  private void checkAggregates(Http http, Set<Integer> present, int count) {
    long endMs = START_MS + count * STEP_MS;
    TagOracle oracle = new TagOracle();
    oracle.add(present.stream().map(TagLedger::tag).toList());
    for (long from = START_MS; from < endMs; from += 600_000) {
      long to = from + 600_000;
      for (String action : List.of("VIEW", "BUY")) {
        String path =
            "/aggregates?time_range=%s_%s&action=%s&aggregates=COUNT&aggregates=SUM_PRICE"
                .formatted(UserTag.seconds(from), UserTag.seconds(to), action);
        assertThat(http.post(path, "", "Tidemark-After", marks.toString()).expect(200).text())
            .as(path)
            .isEqualTo(
                oracle.aggregates(from, to, action, List.of("COUNT", "SUM_PRICE"), Map.of()));
      }
    }
  }
}
