package io.tidemark.server.it;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/// A small app for tests: a stream of readings with a loose schema, a stream of orders with an id.
final class LabApp {
  private static final String STREAMS =
      """
      app: lab
      streams:
        readings:
          schema: schemas/reading.json
          time: at
          key: device
          partitions: 2
        orders:
          schema: schemas/order.json
          time: at
          key: customer
          id: { field: order_id, window: 1h }
          partitions: 2
      views:
        per_minute:
          rollup: readings
          every: 1m
          by: [device]
          measures: { count: count(), sum: sum(n) }
        order_totals:
          rollup: orders
          every: 1m
          by: [customer]
          measures: { count: count(), total: sum(amount) }
      """;

  private static final String LATEST =
      """
        latest:
          timeline: readings
          by: device
          keep: 100
      """;

  private static final String READING =
      """
      {"$schema": "https://json-schema.org/draft/2020-12/schema",
       "type": "object",
       "required": ["at", "device"],
       "properties": {
         "at": {"type": "string", "format": "date-time"},
         "device": {"type": "string", "minLength": 1},
         "n": {"type": "integer"},
         "x": {"type": "number"},
         "mode": {"enum": ["auto", "manual"]},
         "text": {"type": "string"}}}
      """;

  private static final String ORDER =
      """
      {"$schema": "https://json-schema.org/draft/2020-12/schema",
       "type": "object",
       "required": ["at", "customer", "order_id", "amount"],
       "additionalProperties": false,
       "properties": {
         "at": {"type": "string", "format": "date-time"},
         "customer": {"type": "string"},
         "order_id": {"type": "string"},
         "amount": {"type": "integer"}}}
      """;

  private LabApp() {}

  /// Writes the app into a folder.
  static Path write(Path folder) {
    return write(folder, STREAMS + LATEST);
  }

  /// The same app before anybody thought of the timeline `latest`.
  static Path writeWithoutTimeline(Path folder) {
    return write(folder, STREAMS);
  }

  private static Path write(Path folder, String declaration) {
    try {
      Files.createDirectories(folder.resolve("schemas"));
      Files.writeString(folder.resolve("app.yaml"), declaration);
      Files.writeString(folder.resolve("schemas").resolve("reading.json"), READING);
      Files.writeString(folder.resolve("schemas").resolve("order.json"), ORDER);
      return folder;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
