package io.tidemark.server.http;

import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import io.tidemark.app.TimelineSpec;
import io.tidemark.event.EventRenderer;
import io.tidemark.event.StoredEvent;
import io.tidemark.query.Queries;
import io.tidemark.table.EventQuery;
import io.tidemark.timeline.TimelineQuery;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Set;

/// `GET /v1/timelines/{view}/{key}` and `GET /v1/streams/{stream}/events`: questions whose answers
/// are events.
public final class QueryRoutes implements Routes {
  private static final String TIMELINES = "/v1/timelines/";

  private final Api api;

  public QueryRoutes(Api api) {
    this.api = api;
  }

  @Override
  public List<Endpoint> endpoints() {
    return List.of(
        new Endpoint("GET", "/v1/timelines/{view}/{key}", api.metrics(), this::timeline)
            .at(TIMELINES + "*"),
        new Endpoint("GET", "/v1/streams/{stream}/events", api.metrics(), this::events));
  }

  private void timeline(ServerRequest request, ServerResponse response) throws Exception {
    // The key may hold anything, an encoded slash too, so the path is read as it was sent.
    String[] parts = request.path().rawPath().substring(TIMELINES.length()).split("/", -1);
    if (parts.length != 2) {
      throw Problem.notFound("write /v1/timelines/{view}/{key}, the key percent-encoded");
    }
    TimelineSpec view =
        api.view(Params.decode("view", parts[0], false), TimelineSpec.class, "timeline");
    String key = Params.decode("key", parts[1], false);
    Params params =
        Params.parse(request.query().rawValue()).allow(Set.of("from", "to", "limit", "split"));
    if (!params.all("split").isEmpty() && view.split() == TimelineSpec.NO_SPLIT) {
      throw Problem.parameter("split", "timeline " + view.name() + " is not split");
    }
    Queries.Asked<TimelineSpec, TimelineQuery, List<StoredEvent>> asked =
        api.queries()
            .timeline(view, v -> query(v, key, params), Marks.after(request, api.catalog()));
    Marks.write(asked, response);
    List<StoredEvent> events = asked.answer().value();
    ByteArrayOutputStream out = new ByteArrayOutputStream(StoredEvent.bytesAsJson(events));
    out.writeBytes("{\"key\":".getBytes(StandardCharsets.UTF_8));
    out.writeBytes(Json.bytes(json -> json.writeString(key)));
    out.writeBytes(",\"events\":".getBytes(StandardCharsets.UTF_8));
    api.gateOf(view).renderer().render(events, out);
    out.write('}');
    Endpoint.json(response, out.toByteArray());
  }

  private static TimelineQuery query(TimelineSpec view, String key, Params params) {
    TimelineQuery query =
        new TimelineQuery(
            key.getBytes(StandardCharsets.UTF_8),
            from(params),
            to(params),
            params.list("split").stream().map(s -> s.getBytes(StandardCharsets.UTF_8)).toList(),
            params.integer("limit", view.keep(), 1, TimelineSpec.MAX_KEEP));
    checkRange(query.from(), query.to());
    return query;
  }

  private void events(ServerRequest request, ServerResponse response) throws Exception {
    StreamGate gate = api.gate(request.path().pathParameters().get("stream"));
    Params params =
        Params.parse(request.query().rawValue())
            .allow(Set.of("from", "to", "limit", "cursor", "q"), EventFilters.PREFIX);
    EventQuery query =
        new EventQuery(
            from(params),
            to(params),
            EventFilters.of(params, gate.stream().type()),
            params.integer("limit", EventQuery.DEFAULT_LIMIT, 1, EventQuery.MAX_LIMIT),
            params.one("cursor").map(QueryRoutes::cursor).orElse(null));
    checkRange(query.from(), query.to());
    byte[] page;
    try (Turns.Turn _ = api.turns().take(query.limit())) {
      Queries.Answer<List<StoredEvent>> answer =
          api.queries().events(gate.stream(), query, Marks.after(request, api.catalog()));
      Marks.write(answer.mark(), response);
      page = page(answer.value(), gate.renderer(), query.limit());
    }
    // A client that reads slowly does not keep others from their turns.
    Endpoint.json(response, page);
  }

  private static byte[] page(List<StoredEvent> events, EventRenderer renderer, int limit) {
    ByteArrayOutputStream out = new ByteArrayOutputStream(StoredEvent.bytesAsJson(events));
    out.writeBytes("{\"events\":".getBytes(StandardCharsets.UTF_8));
    renderer.render(events, out);
    if (events.size() == limit) {
      String next = cursor(events.getLast());
      out.writeBytes((",\"next\":\"" + next + "\"").getBytes(StandardCharsets.UTF_8));
    }
    out.write('}');
    return out.toByteArray();
  }

  static long from(Params params) {
    return params.one("from").map(t -> Instants.parse("from", t)).orElse(Long.MIN_VALUE);
  }

  static long to(Params params) {
    return params.one("to").map(t -> Instants.parse("to", t)).orElse(Long.MAX_VALUE);
  }

  static void checkRange(long from, long to) {
    if (from > to) {
      throw Problem.parameter("to", "lies before from");
    }
  }

  private static String cursor(StoredEvent last) {
    String text = last.timeMicros() + "." + last.offset() + "." + last.partition();
    return Base64.getUrlEncoder()
        .withoutPadding()
        .encodeToString(text.getBytes(StandardCharsets.US_ASCII));
  }

  private static EventQuery.Cursor cursor(String text) {
    try {
      String[] parts =
          new String(Base64.getUrlDecoder().decode(text), StandardCharsets.US_ASCII)
              .split("\\.", -1);
      if (parts.length == 3) {
        return new EventQuery.Cursor(
            Long.parseLong(parts[0]), Long.parseLong(parts[1]), Integer.parseInt(parts[2]));
      }
    } catch (IllegalArgumentException _) {
      // said below
    }
    throw Problem.parameter("cursor", "is not the \"next\" of an earlier answer");
  }
}
