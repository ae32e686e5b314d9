package io.tidemark.server.http;

import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import io.tidemark.app.Measure;
import io.tidemark.app.RollupSpec;
import io.tidemark.event.EventType;
import io.tidemark.event.FieldType;
import io.tidemark.query.Queries;
import io.tidemark.rollup.Groups;
import io.tidemark.rollup.RollupQuery;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import tools.jackson.core.JsonGenerator;

/// `GET /v1/rollups/{view}`.
public final class RollupRoutes implements Routes {
  private final Api api;

  public RollupRoutes(Api api) {
    this.api = api;
  }

  @Override
  public List<Endpoint> endpoints() {
    return List.of(new Endpoint("GET", "/v1/rollups/{view}", api.metrics(), this::rollup));
  }

  private void rollup(ServerRequest request, ServerResponse response) throws Exception {
    RollupSpec view =
        api.view(request.path().pathParameters().get("view"), RollupSpec.class, "rollup");
    EventType type = api.catalog().streamOf(view).type();
    Params params =
        Params.parse(request.query().rawValue())
            .allow(Set.of("from", "to", "every", "by", "measures", "limit"), EventFilters.PREFIX);
    RollupQuery declared = query(view, type, params);
    byte[] rows;
    // Few answers are as large as their limit.
    try (Turns.Turn _ = api.turns().take(declared.limit() / 100)) {
      Queries.Asked<RollupSpec, RollupQuery, Groups> asked =
          api.queries()
              .rollup(
                  view,
                  v -> v.equals(view) ? declared : query(v, type, params),
                  Marks.after(request, api.catalog()));
      Marks.write(asked, response);
      rows =
          Json.bytes(
              json -> write(asked.answer().value(), asked.view(), type, asked.query(), json));
    }
    Endpoint.json(response, rows);
  }

  private static RollupQuery query(RollupSpec view, EventType type, Params params) {
    long base = view.everyMicros();
    long every =
        params.one("every").map(t -> Instants.duration("every", t).toNanos() / 1000).orElse(base);
    if (every <= 0 || every % base != 0) {
      throw Problem.parameter(
          "every", "is not a multiple of the rollup's %s".formatted(view.every()));
    }
    long from = bound("from", params, base);
    long to = bound("to", params, base);
    if (from > to) {
      throw Problem.parameter("to", "lies before from");
    }
    List<String> dimensions = view.by().stream().map(f -> type.field(f).path()).toList();
    List<String> measures = view.measures().stream().map(Measure::name).toList();
    List<Integer> wanted = places("measures", params.list("measures"), measures);
    List<RollupQuery.Filter> filters = new ArrayList<>();
    for (Map.Entry<String, List<String>> e : params.withPrefix(EventFilters.PREFIX).entrySet()) {
      int place =
          places(EventFilters.PREFIX + e.getKey(), List.of(e.getKey()), dimensions).getFirst();
      FieldType fieldType = type.field(view.by().get(place)).type();
      filters.add(
          fieldType.isText()
              ? new RollupQuery.Filter(
                  place, EventFilters.texts(fieldType, e.getValue()), List.of())
              : new RollupQuery.Filter(
                  place,
                  List.of(),
                  e.getValue().stream()
                      .map(v -> EventFilters.word(EventFilters.PREFIX + e.getKey(), fieldType, v))
                      .toList()));
    }
    return new RollupQuery(
        from,
        to,
        every,
        places("by", params.list("by"), dimensions),
        filters,
        wanted.isEmpty() ? IntStream.range(0, measures.size()).boxed().toList() : wanted,
        params.integer("limit", RollupQuery.DEFAULT_LIMIT, 1, RollupQuery.MAX_LIMIT));
  }

  private static long bound(String name, Params params, long base) {
    long micros = Instants.parse(name, params.required(name));
    if (Math.floorMod(micros, base) != 0) {
      throw Problem.parameter(
          name,
          "is not at the start of a bucket; the one before it is "
              + Instants.format(Math.floorDiv(micros, base) * base));
    }
    return micros;
  }

  private static List<Integer> places(String parameter, List<String> names, List<String> all) {
    List<Integer> places = new ArrayList<>();
    for (String name : names) {
      int place = all.indexOf(name);
      if (place < 0) {
        throw Problem.parameter(parameter, "no " + name + " here; " + Near.hint(name, all));
      }
      if (!places.contains(place)) {
        places.add(place);
      }
    }
    return places;
  }

  private static void write(
      Groups groups, RollupSpec view, EventType type, RollupQuery query, JsonGenerator json) {
    List<Integer> order =
        IntStream.range(0, groups.count())
            .boxed()
            .sorted(Comparator.comparingLong(groups::bucket))
            .toList();
    json.writeStartObject();
    json.writeNumberProperty("every_ms", query.every() / 1000);
    json.writeArrayPropertyStart("rows");
    for (int group : order) {
      json.writeStartObject();
      json.writeStringProperty("time", Instants.format(groups.bucket(group)));
      for (int d = 0; d < query.by().size(); d++) {
        json.writeName(type.field(view.by().get(query.by().get(d))).path());
        writeDimension(groups, group, d, json);
      }
      for (int m = 0; m < query.measures().size(); m++) {
        json.writeName(view.measures().get(query.measures().get(m)).name());
        writeNumber(groups.result(group, m), groups.isInstant(m), json);
      }
      json.writeEndObject();
    }
    json.writeEndArray();
    json.writeEndObject();
  }

  private static void writeDimension(Groups groups, int group, int d, JsonGenerator json) {
    if (groups.isNull(group, d)) {
      json.writeNull();
      return;
    }
    switch (groups.type(d)) {
      case BOOLEAN -> json.writeBoolean(groups.word(group, d) != 0);
      case LONG -> json.writeNumber(groups.word(group, d));
      case DOUBLE -> json.writeNumber(Double.longBitsToDouble(groups.word(group, d)));
      case TIMESTAMP -> json.writeString(Instants.format(groups.word(group, d)));
      case STRING -> json.writeString(new String(groups.text(group, d), StandardCharsets.UTF_8));
      case JSON -> json.writeRawValue(new String(groups.text(group, d), StandardCharsets.UTF_8));
    }
  }

  private static void writeNumber(
      @org.jspecify.annotations.Nullable Number number, boolean instant, JsonGenerator json) {
    switch (number) {
      case null -> json.writeNull();
      case Double real when !Double.isFinite(real) -> json.writeNull();
      case Double real -> json.writeNumber(real);
      case java.math.BigInteger big -> json.writeNumber(big);
      default -> {
        if (instant) {
          json.writeString(Instants.format(number.longValue()));
        } else {
          json.writeNumber(number.longValue());
        }
      }
    }
  }
}
