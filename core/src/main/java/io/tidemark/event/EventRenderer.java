package io.tidemark.event;

import java.io.ByteArrayOutputStream;
import java.util.List;

/// Port: writes the events of one stream as the JSON they came as. Many threads may use it.
public interface EventRenderer {
  /// Appends a JSON array with one object for each event, in their order.
  void render(List<StoredEvent> events, ByteArrayOutputStream out);
}
