package io.tidemark.server.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// What the contract says must be answered about the tags that were acknowledged: naively, from all
/// of them.
final class TagOracle {
  static final int DEFAULT_LIMIT = 200;

  /// How many of the newest of each action are kept at least.
  private static final int KEPT = 200;

  private static final long MINUTE_MS = 60_000;
  private static final List<String> FILTERS = List.of("origin", "brand_id", "category_id");

  private final Map<String, List<UserTag>> byCookie = new HashMap<>();
  private final Map<Long, List<UserTag>> byMinute = new TreeMap<>();

  void add(Collection<UserTag> tags) {
    for (UserTag tag : tags) {
      byCookie.computeIfAbsent(tag.cookie(), _ -> new ArrayList<>()).add(tag);
      byMinute
          .computeIfAbsent(Math.floorDiv(tag.timeMs(), MINUTE_MS), _ -> new ArrayList<>())
          .add(tag);
    }
  }

  /// All tags of a cookie, in no order.
  List<UserTag> of(String cookie) {
    return byCookie.getOrDefault(cookie, List.of());
  }

  /// Compares a profile with what it must be.
  void checkProfile(JsonNode profile, String cookie, long fromMs, long toMs, int limit) {
    assertThat(profile.propertyNames()).containsExactly("cookie", "views", "buys");
    assertThat(profile.get("cookie").asString()).isEqualTo(cookie);
    checkList(profile.get("views"), cookie, "VIEW", fromMs, toMs, limit);
    checkList(profile.get("buys"), cookie, "BUY", fromMs, toMs, limit);
  }

  /// A list has the newest tags of its range. Which of several at one time it has where it ends
  /// between them, and in which order, is undetermined; so is what lies beyond the tags that are
  /// kept.
  private void checkList(
      JsonNode list, String cookie, String action, long fromMs, long toMs, int limit) {
    List<UserTag> all =
        of(cookie).stream()
            .filter(t -> t.action().equals(action))
            .sorted(Comparator.comparingLong(UserTag::timeMs).reversed())
            .toList();
    List<UserTag> kept = all.subList(0, Math.min(KEPT, all.size()));
    long mustHave = inRange(kept, fromMs, toMs).count();
    List<UserTag> wanted = inRange(all, fromMs, toMs).toList();
    assertThat(list.size())
        .as("number of tags with %s", action)
        .isBetween((int) Math.min(limit, mustHave), Math.min(limit, wanted.size()));
    int at = 0;
    while (at < list.size()) {
      long timeMs = wanted.get(at).timeMs();
      List<JsonNode> together =
          new ArrayList<>(
              wanted.stream()
                  .filter(t -> t.timeMs() == timeMs)
                  .map(t -> UserTag.EXACT.readTree(t.json()))
                  .toList());
      int end = Math.min(list.size(), at + together.size());
      for (; at < end; at++) {
        assertThat(together.remove(list.get(at)))
            .as("%s is one of those at %s: %s", list.get(at), UserTag.millis(timeMs), together)
            .isTrue();
      }
    }
  }

  private static Stream<UserTag> inRange(List<UserTag> tags, long fromMs, long toMs) {
    return tags.stream().filter(t -> t.timeMs() >= fromMs && t.timeMs() < toMs);
  }

  /// The answer about whole minutes, to the byte.
  ///
  /// @param filters values of some of `origin`, `brand_id`, `category_id`
  String aggregates(
      long fromMs, long toMs, String action, List<String> aggregates, Map<String, String> filters) {
    ObjectNode answer = JsonNodeFactory.instance.objectNode();
    ArrayNode columns = answer.putArray("columns").add("1m_bucket").add("action");
    FILTERS.stream().filter(filters::containsKey).forEach(columns::add);
    aggregates.forEach(a -> columns.add(a.equals("COUNT") ? "count" : "sum_price"));
    ArrayNode rows = answer.putArray("rows");
    for (long ms = fromMs; ms < toMs; ms += MINUTE_MS) {
      List<UserTag> matching =
          byMinute.getOrDefault(Math.floorDiv(ms, MINUTE_MS), List.of()).stream()
              .filter(t -> t.action().equals(action))
              .filter(t -> filters.getOrDefault("origin", t.origin()).equals(t.origin()))
              .filter(t -> filters.getOrDefault("brand_id", t.brand()).equals(t.brand()))
              .filter(t -> filters.getOrDefault("category_id", t.category()).equals(t.category()))
              .toList();
      ArrayNode row = rows.addArray().add(UserTag.seconds(ms)).add(action);
      FILTERS.stream().filter(filters::containsKey).forEach(f -> row.add(filters.get(f)));
      for (String aggregate : aggregates) {
        long value =
            aggregate.equals("COUNT")
                ? matching.size()
                : matching.stream().mapToLong(UserTag::price).sum();
        row.add(Long.toString(value));
      }
    }
    return UserTag.EXACT.writeValueAsString(answer);
  }
}
