package io.tidemark.server.streams;

import io.tidemark.app.StreamSpec;
import io.tidemark.event.EventType;
import io.tidemark.event.Field;
import io.tidemark.event.FieldType;
import java.util.ArrayList;
import java.util.List;

/// [Readings] after somebody has added a field to the schema.
final class OtherReadings {
  private OtherReadings() {}

  static StreamSpec stream(int partitions) {
    StreamSpec old = Readings.stream(partitions, StreamSpec.DEFAULT_LOG_KEEP_BYTES);
    List<Field> fields = new ArrayList<>(Readings.TYPE.fields());
    fields.add(new Field("unit", FieldType.STRING, false));
    return new StreamSpec(
        old.name(),
        new EventType(old.name(), fields),
        old.schema(),
        old.time(),
        old.key(),
        old.id(),
        old.retain(),
        partitions,
        old.logKeepBytes(),
        old.maxAhead());
  }
}
