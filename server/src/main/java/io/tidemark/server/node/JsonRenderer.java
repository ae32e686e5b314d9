package io.tidemark.server.node;

import io.tidemark.event.EventCodec;
import io.tidemark.event.EventRenderer;
import io.tidemark.event.EventRow;
import io.tidemark.event.EventType;
import io.tidemark.event.Shapes;
import io.tidemark.event.StoredEvent;
import io.tidemark.server.http.Problem;
import io.tidemark.server.json.EventJson;
import io.tidemark.server.json.JsonBytes;
import java.io.ByteArrayOutputStream;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/// Renders what the log holds as JSON, each event in the shape that it was written in: it is given
/// back as it came, whatever the schema has become since.
final class JsonRenderer implements EventRenderer {
  private final Shapes shapes;
  private final Map<Integer, Written> written = new ConcurrentHashMap<>();

  private record Written(int schemaId, EventType type, EventJson json) {
    static Written of(EventType type) {
      return new Written(EventCodec.schemaId(type), type, new EventJson(type));
    }
  }

  /// @param type the present shape
  /// @param shapes the others
  JsonRenderer(EventType type, Shapes shapes) {
    this.shapes = shapes;
    Written present = Written.of(type);
    written.put(present.schemaId(), present);
  }

  @Override
  public void render(List<StoredEvent> events, ByteArrayOutputStream out) {
    JsonBytes one = new JsonBytes();
    Written shape = null;
    EventRow row = null;
    out.write('[');
    for (int i = 0; i < events.size(); i++) {
      if (i > 0) {
        out.write(',');
      }
      byte[] value = events.get(i).value();
      int id = EventCodec.schemaIdOf(value);
      if (shape == null || row == null || shape.schemaId() != id) {
        shape = shape(id);
        row = new EventRow(shape.type());
      }
      EventCodec.decodeValue(value, row);
      one.clear();
      shape.json().write(row, one);
      out.write(one.array(), 0, one.length());
    }
    out.write(']');
  }

  private Optional<EventType> find(int id) {
    try {
      return shapes.find(id);
    } catch (UncheckedIOException e) {
      throw new Problem(503, "unavailable", String.valueOf(e.getMessage())).retryAfter(1);
    }
  }

  private Written shape(int id) {
    Written known = written.get(id);
    if (known == null) {
      EventType type =
          find(id).orElseThrow(() -> new IllegalStateException("an event of unknown schema " + id));
      known = Written.of(type);
      written.put(id, known);
    }
    return known;
  }
}
