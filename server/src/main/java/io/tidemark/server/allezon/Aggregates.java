package io.tidemark.server.allezon;

import io.tidemark.app.Measure;
import io.tidemark.app.RollupSpec;
import io.tidemark.event.EventType;
import io.tidemark.query.Queries;
import io.tidemark.query.Shards;
import io.tidemark.rollup.Groups;
import io.tidemark.rollup.RollupQuery;
import io.tidemark.server.http.Api;
import io.tidemark.server.http.Json;
import io.tidemark.server.http.Params;
import io.tidemark.server.http.Problem;
import java.nio.charset.StandardCharsets;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// `POST /aggregates`: counts and sums of prices per minute.
final class Aggregates {
  private static final int MAX_MINUTES = 10;
  private static final long MINUTE = 60_000_000L;
  private static final DateTimeFormatter BUCKET =
      DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss");

  /// The optional filters, in the order of their columns, and the fields they are about.
  private static final List<String> FILTER_NAMES = List.of("origin", "brand_id", "category_id");

  private static final List<String> FILTER_FIELDS =
      List.of("origin", "product_info.brand_id", "product_info.category_id");

  /// What the contract calls an aggregate, and the measure it is.
  private enum Aggregate {
    COUNT("count"),
    SUM_PRICE("sum_price");

    private final String column;

    Aggregate(String column) {
      this.column = column;
    }
  }

  private final Api api;
  private final RollupSpec view;
  private final EventType type;
  private final Places places;

  Aggregates(Api api, RollupSpec view) {
    this.api = api;
    this.view = view;
    this.type = api.catalog().streamOf(view).type();
    this.places = new Places(view, type);
  }

  /// Where a rollup has what the contract is about.
  private record Places(List<String> dimensions, List<String> measures) {
    Places(RollupSpec view, EventType type) {
      this(
          view.by().stream().map(f -> type.field(f).path()).toList(),
          view.measures().stream().map(Measure::name).toList());
      if (view.everyMicros() != MINUTE
          || !dimensions.contains("action")
          || !dimensions.containsAll(FILTER_FIELDS)
          || !measures.containsAll(List.of("count", "sum_price"))) {
        throw new IllegalArgumentException(
            "contract allezon needs rollup %s every 1m by action, %s with count and sum_price"
                .formatted(view.name(), String.join(", ", FILTER_FIELDS)));
      }
    }

    RollupQuery query(TimeRange range, Map<String, String> where, List<Aggregate> aggregates) {
      List<RollupQuery.Filter> filters = new ArrayList<>();
      where.forEach(
          (field, value) ->
              filters.add(
                  new RollupQuery.Filter(
                      dimensions.indexOf(field),
                      List.of(value.getBytes(StandardCharsets.UTF_8)),
                      List.of())));
      return new RollupQuery(
          range.from(),
          range.to(),
          MINUTE,
          List.of(),
          filters,
          aggregates.stream().map(a -> measures.indexOf(a.column)).toList(),
          MAX_MINUTES);
    }
  }

  private Places of(RollupSpec some) {
    return some.equals(view) ? places : new Places(some, type);
  }

  Queries.Asked<?, ?, byte[]> answer(Params params, Queries.After after)
      throws Shards.NotVisibleException, Shards.UnavailableException {
    params.allow(Set.of("time_range", "action", "aggregates", "origin", "brand_id", "category_id"));
    TimeRange range = TimeRange.ofMinutes(params, MAX_MINUTES);
    String action = params.required("action");
    if (!action.equals("VIEW") && !action.equals("BUY")) {
      throw Problem.parameter("action", "\"" + action + "\" is neither VIEW nor BUY");
    }
    List<Aggregate> aggregates = aggregates(params);
    List<String> columns = new ArrayList<>(List.of("1m_bucket", "action"));
    List<String> values = new ArrayList<>(List.of(action));
    Map<String, String> where = new LinkedHashMap<>();
    where.put("action", action);
    for (int i = 0; i < FILTER_NAMES.size(); i++) {
      Optional<String> value = params.one(FILTER_NAMES.get(i));
      if (value.isPresent()) {
        columns.add(FILTER_NAMES.get(i));
        values.add(value.get());
        where.put(FILTER_FIELDS.get(i), value.get());
      }
    }
    aggregates.forEach(a -> columns.add(a.column));
    Queries.Asked<RollupSpec, RollupQuery, Groups> asked =
        api.queries().rollup(view, v -> of(v).query(range, where, aggregates), after);
    return asked.as(document(range, columns, values, aggregates.size(), asked.answer().value()));
  }

  private static List<Aggregate> aggregates(Params params) {
    List<Aggregate> aggregates = new ArrayList<>();
    for (String name : params.all("aggregates")) {
      Aggregate aggregate =
          switch (name) {
            case "COUNT" -> Aggregate.COUNT;
            case "SUM_PRICE" -> Aggregate.SUM_PRICE;
            default ->
                throw Problem.parameter(
                    "aggregates", "\"" + name + "\" is neither COUNT nor SUM_PRICE");
          };
      if (aggregates.contains(aggregate)) {
        throw Problem.parameter("aggregates", name + " is given twice");
      }
      aggregates.add(aggregate);
    }
    if (aggregates.isEmpty()) {
      throw Problem.parameter("aggregates", "is missing; give COUNT, SUM_PRICE or both");
    }
    return aggregates;
  }

  private static byte[] document(
      TimeRange range, List<String> columns, List<String> values, int aggregates, Groups groups) {
    Map<Long, Integer> groupOf = new HashMap<>();
    for (int g = 0; g < groups.count(); g++) {
      groupOf.put(groups.bucket(g), g);
    }
    return Json.bytes(
        json -> {
          json.writeStartObject();
          json.writeArrayPropertyStart("columns");
          columns.forEach(json::writeString);
          json.writeEndArray();
          json.writeArrayPropertyStart("rows");
          for (long minute = range.from(); minute < range.to(); minute += MINUTE) {
            json.writeStartArray();
            json.writeString(
                BUCKET.format(
                    LocalDateTime.ofEpochSecond(
                        Math.floorDiv(minute, 1_000_000L), 0, ZoneOffset.UTC)));
            values.forEach(json::writeString);
            Integer group = groupOf.get(minute);
            for (int m = 0; m < aggregates; m++) {
              Number result = group == null ? null : groups.result(group, m);
              json.writeString(result == null ? "0" : result.toString());
            }
            json.writeEndArray();
          }
          json.writeEndArray();
          json.writeEndObject();
        });
  }
}
