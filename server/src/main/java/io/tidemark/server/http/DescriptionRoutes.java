package io.tidemark.server.http;

import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import io.tidemark.app.RollupSpec;
import io.tidemark.app.StreamSpec;
import io.tidemark.app.TimelineSpec;
import io.tidemark.app.ViewSpec;
import io.tidemark.event.EventType;
import io.tidemark.event.Field;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import tools.jackson.core.JsonGenerator;

/// `GET /v1/streams` and `GET /v1/streams/{stream}`: what streams there are, and how their events
/// look.
public final class DescriptionRoutes implements Routes {
  /// How far a view has come that is being filled with what was there before it.
  ///
  /// @param records of how many it has what they come to, of those that this node has of its stream
  /// @param of how many there are
  /// @param hasEarlier whether it answers meanwhile, as it was declared before
  public record Filling(long records, long of, boolean hasEarlier) {}

  private final Api api;
  private final Function<ViewSpec, Optional<Filling>> filling;

  /// @param filling how far a view has come, as far as this node knows; nothing where it answers
  public DescriptionRoutes(Api api, Function<ViewSpec, Optional<Filling>> filling) {
    this.api = api;
    this.filling = filling;
  }

  @Override
  public List<Endpoint> endpoints() {
    return List.of(
        new Endpoint("GET", "/v1/streams", api.metrics(), this::all),
        new Endpoint("GET", "/v1/streams/{stream}", api.metrics(), this::one));
  }

  private void all(ServerRequest request, ServerResponse response) {
    Params.parse(request.query().rawValue()).allow(Set.of());
    Endpoint.json(
        response,
        Json.bytes(
            json -> {
              json.writeStartObject();
              json.writeArrayPropertyStart("streams");
              for (StreamSpec stream : api.catalog().streams()) {
                json.writeStartObject();
                describe(stream, json);
                json.writeEndObject();
              }
              json.writeEndArray();
              json.writeEndObject();
            }));
  }

  private void one(ServerRequest request, ServerResponse response) {
    StreamSpec stream = api.gate(request.path().pathParameters().get("stream")).stream();
    Params.parse(request.query().rawValue()).allow(Set.of());
    Endpoint.json(
        response,
        Json.bytes(
            json -> {
              json.writeStartObject();
              describe(stream, json);
              json.writeName("schema");
              json.writeRawValue(stream.schema().strip());
              json.writeEndObject();
            }));
  }

  private void describe(StreamSpec stream, JsonGenerator json) {
    EventType type = stream.type();
    json.writeStringProperty("stream", stream.name());
    if (stream.time() == StreamSpec.APPEND_TIME) {
      json.writeNullProperty("time");
    } else {
      json.writeStringProperty("time", type.field(stream.time()).path());
    }
    paths("key", stream.key(), type, json);
    if (stream.id().isPresent()) {
      json.writeObjectPropertyStart("id");
      json.writeStringProperty("field", type.field(stream.id().get().field()).path());
      json.writeNumberProperty("window_ms", stream.id().get().window().toMillis());
      json.writeEndObject();
    } else {
      json.writeNullProperty("id");
    }
    retain("retain_ms", stream.retain(), json);
    retain("hot_ms", stream.hot(), json);
    json.writeNumberProperty("partitions", stream.partitions());
    json.writeArrayPropertyStart("fields");
    for (Field field : type.fields()) {
      json.writeStartObject();
      json.writeStringProperty("path", field.path());
      json.writeStringProperty("type", field.type().name().toLowerCase(Locale.ROOT));
      json.writeBooleanProperty("required", field.required());
      json.writeEndObject();
    }
    json.writeEndArray();
    json.writeArrayPropertyStart("views");
    for (ViewSpec view : api.catalog().viewsOf(stream)) {
      json.writeStartObject();
      view(view, type, json);
      json.writeEndObject();
    }
    json.writeEndArray();
  }

  private void view(ViewSpec view, EventType type, JsonGenerator json) {
    json.writeStringProperty("view", view.name());
    switch (view) {
      case TimelineSpec timeline -> {
        json.writeStringProperty("kind", "timeline");
        paths("by", List.of(timeline.by()), type, json);
        if (timeline.split() == TimelineSpec.NO_SPLIT) {
          json.writeNullProperty("split");
        } else {
          json.writeStringProperty("split", type.field(timeline.split()).path());
        }
        json.writeNumberProperty("keep", timeline.keep());
      }
      case RollupSpec rollup -> {
        json.writeStringProperty("kind", "rollup");
        paths("by", rollup.by(), type, json);
        json.writeNumberProperty("every_ms", rollup.every().toMillis());
        json.writeArrayPropertyStart("measures");
        rollup.measures().forEach(m -> json.writeString(m.name()));
        json.writeEndArray();
      }
    }
    retain("retain_ms", view.retain(), json);
    Optional<Filling> progress = filling.apply(view);
    if (progress.isPresent()) {
      json.writeObjectPropertyStart("filling");
      json.writeNumberProperty("records", progress.get().records());
      json.writeNumberProperty("of", progress.get().of());
      json.writeBooleanProperty("earlier", progress.get().hasEarlier());
      json.writeEndObject();
    } else {
      json.writeNullProperty("filling");
    }
  }

  private static void retain(String name, Optional<Duration> retain, JsonGenerator json) {
    if (retain.isPresent()) {
      json.writeNumberProperty(name, retain.get().toMillis());
    } else {
      json.writeNullProperty(name);
    }
  }

  private static void paths(String name, List<Integer> fields, EventType type, JsonGenerator json) {
    json.writeArrayPropertyStart(name);
    fields.forEach(f -> json.writeString(type.field(f).path()));
    json.writeEndArray();
  }
}
