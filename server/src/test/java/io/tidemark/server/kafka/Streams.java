package io.tidemark.server.kafka;

import io.tidemark.app.StreamSpec;
import io.tidemark.event.EventType;
import io.tidemark.event.Field;
import io.tidemark.event.FieldType;
import io.tidemark.ingest.EventLog.Entry;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/// Declarations and records for tests.
final class Streams {
  private Streams() {}

  static StreamSpec stream(String name, int partitions) {
    EventType type =
        new EventType(
            name,
            List.of(
                new Field("time", FieldType.TIMESTAMP, true),
                new Field("key", FieldType.STRING, true)));
    return new StreamSpec(
        name,
        type,
        "{}",
        0,
        List.of(1),
        Optional.empty(),
        Optional.empty(),
        partitions,
        StreamSpec.DEFAULT_LOG_KEEP_BYTES,
        Duration.ofHours(1));
  }

  static Topics topics(String bootstrap) {
    return new Topics(bootstrap, "", OptionalInt.of(1), Duration.ofSeconds(20));
  }

  static List<Entry> entries(int count, int partitions) {
    List<Entry> entries = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      byte[] key = ("key" + i).getBytes(StandardCharsets.UTF_8);
      entries.add(new Entry(i, i % partitions, key, new byte[100]));
    }
    return entries;
  }
}
