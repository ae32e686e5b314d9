package io.tidemark.server.node;

import io.tidemark.event.EventCodec;
import io.tidemark.event.EventRenderer;
import io.tidemark.event.EventRow;
import io.tidemark.event.EventType;
import io.tidemark.server.json.EventJson;
import io.tidemark.server.json.JsonBytes;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;

/// Renders what the log holds as JSON.
final class JsonRenderer implements EventRenderer {
  private final EventType type;
  private final EventJson json;

  JsonRenderer(EventType type) {
    this.type = type;
    this.json = new EventJson(type);
  }

  @Override
  public void render(byte[] value, ByteArrayOutputStream out) {
    EventRow row = new EventRow(type);
    EventCodec.decodeValue(value, row);
    JsonBytes bytes = new JsonBytes();
    json.write(row, bytes);
    try {
      bytes.writeTo(out);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
