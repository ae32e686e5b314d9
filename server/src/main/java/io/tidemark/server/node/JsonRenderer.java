package io.tidemark.server.node;

import io.tidemark.event.EventCodec;
import io.tidemark.event.EventRenderer;
import io.tidemark.event.EventRow;
import io.tidemark.event.EventType;
import io.tidemark.event.StoredEvent;
import io.tidemark.server.json.EventJson;
import io.tidemark.server.json.JsonBytes;
import java.io.ByteArrayOutputStream;
import java.util.List;

/// Renders what the log holds as JSON.
final class JsonRenderer implements EventRenderer {
  private final EventType type;
  private final EventJson json;

  JsonRenderer(EventType type) {
    this.type = type;
    this.json = new EventJson(type);
  }

  @Override
  public void render(List<StoredEvent> events, ByteArrayOutputStream out) {
    EventRow row = new EventRow(type);
    JsonBytes one = new JsonBytes();
    out.write('[');
    for (int i = 0; i < events.size(); i++) {
      if (i > 0) {
        out.write(',');
      }
      EventCodec.decodeValue(events.get(i).value(), row);
      one.clear();
      json.write(row, one);
      out.write(one.array(), 0, one.length());
    }
    out.write(']');
  }
}
