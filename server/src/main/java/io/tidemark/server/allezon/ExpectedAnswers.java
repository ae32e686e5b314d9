package io.tidemark.server.allezon;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// What a node must answer about the tags that were sent to it: the sender's own account, for
/// checking. Tags come in the order of their times.
final class ExpectedAnswers {
  private static final int KEEP = 200;

  private final Map<String, Deque<Tag>> views = new HashMap<>();
  private final Map<String, Deque<Tag>> buys = new HashMap<>();

  /// By minute, then by the values of action, origin, brand and category: count and sum.
  private final TreeMap<Long, Map<List<String>, long[]>> minutes = new TreeMap<>();

  void add(Tag tag) {
    Deque<Tag> list =
        (tag.isView() ? views : buys).computeIfAbsent(tag.cookie(), _ -> new ArrayDeque<>());
    list.addFirst(tag);
    if (list.size() > KEEP) {
      list.removeLast();
    }
    long minute = Math.floorDiv(tag.timeMs(), 60_000L) * 60_000;
    long[] sums =
        minutes
            .computeIfAbsent(minute, _ -> new HashMap<>())
            .computeIfAbsent(
                List.of(tag.action(), tag.origin(), tag.brand(), tag.category()), _ -> new long[2]);
    sums[0]++;
    sums[1] += tag.price();
  }

  /// A cookie's profile over all time up to now.
  String profile(String cookie, int limit) {
    StringBuilder json = new StringBuilder("{\"cookie\":");
    json.append(
        new String(
            io.tidemark.server.http.Json.bytes(j -> j.writeString(cookie)),
            java.nio.charset.StandardCharsets.UTF_8));
    list(json.append(",\"views\":"), views.get(cookie), limit);
    list(json.append(",\"buys\":"), buys.get(cookie), limit);
    return json.append('}').toString();
  }

  private static void list(
      StringBuilder json, @org.jspecify.annotations.Nullable Deque<Tag> tags, int limit) {
    json.append('[');
    if (tags != null) {
      Iterator<Tag> newest = tags.iterator();
      for (int i = 0; i < limit && newest.hasNext(); i++) {
        json.append(i == 0 ? "" : ",").append(newest.next().json());
      }
    }
    json.append(']');
  }

  /// Aggregates over whole minutes.
  ///
  /// @param filters values of origin, brand_id and category_id; null where there is no filter
  String aggregates(
      long fromMs, long toMs, String action, List<String> aggregates, Map<String, String> filters) {
    List<String> names = List.of("origin", "brand_id", "category_id");
    List<String> columns = new ArrayList<>(List.of("1m_bucket", "action"));
    List<String> values = new ArrayList<>(List.of(action));
    for (String name : names) {
      String value = filters.get(name);
      if (value != null) {
        columns.add(name);
        values.add(value);
      }
    }
    aggregates.forEach(a -> columns.add(a.equals("COUNT") ? "count" : "sum_price"));
    StringBuilder json = new StringBuilder("{\"columns\":").append(strings(columns));
    json.append(",\"rows\":[");
    for (long minute = fromMs; minute < toMs; minute += 60_000) {
      long[] sums = new long[2];
      minutes
          .getOrDefault(minute, Map.of())
          .forEach(
              (key, part) -> {
                boolean matches = key.getFirst().equals(action);
                for (int i = 0; i < names.size(); i++) {
                  String wanted = filters.get(names.get(i));
                  matches &= wanted == null || wanted.equals(key.get(i + 1));
                }
                if (matches) {
                  sums[0] += part[0];
                  sums[1] += part[1];
                }
              });
      List<String> row = new ArrayList<>();
      row.add(io.tidemark.server.http.Instants.format(minute * 1000).substring(0, 19));
      row.addAll(values);
      aggregates.forEach(a -> row.add(Long.toString(a.equals("COUNT") ? sums[0] : sums[1])));
      json.append(minute == fromMs ? "" : ",").append(strings(row));
    }
    return json.append("]}").toString();
  }

  private static String strings(List<String> values) {
    return new String(
        io.tidemark.server.http.Json.bytes(
            j -> {
              j.writeStartArray();
              values.forEach(j::writeString);
              j.writeEndArray();
            }),
        java.nio.charset.StandardCharsets.UTF_8);
  }
}
