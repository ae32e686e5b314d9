package io.tidemark.server.node;

import io.tidemark.event.EventCodec;
import io.tidemark.event.EventRenderer;
import io.tidemark.event.EventRow;
import io.tidemark.event.EventType;
import io.tidemark.event.StoredEvent;
import io.tidemark.server.json.EventJson;
import io.tidemark.server.json.JsonBytes;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
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
    JsonBytes bytes = new JsonBytes();
    bytes.append('[');
    for (int i = 0; i < events.size(); i++) {
      if (i > 0) {
        bytes.append(',');
      }
      EventCodec.decodeValue(events.get(i).value(), row);
      json.write(row, bytes);
    }
    bytes.append(']');
    try {
      bytes.writeTo(out);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
