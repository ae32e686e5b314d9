package io.tidemark.event;

import java.io.ByteArrayOutputStream;

/// Port: writes the events of one stream as the JSON they came as. Many threads may use it.
public interface EventRenderer {
  /// Appends one JSON object.
  ///
  /// @param value what the log holds of the event; see [EventCodec]
  void render(byte[] value, ByteArrayOutputStream out);
}
