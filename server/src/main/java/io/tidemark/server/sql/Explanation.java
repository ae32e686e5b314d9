package io.tidemark.server.sql;

import java.io.ByteArrayOutputStream;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.json.JsonFactory;

/// What `EXPLAIN` answers: of each table the files that are read, here and by other nodes, and
/// DuckDB's plan.
final class Explanation {
  private static final JsonFactory FACTORY = new JsonFactory();

  private Explanation() {}

  static byte[] of(SqlViews views, String plan) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (JsonGenerator json = FACTORY.createGenerator(ObjectWriteContext.empty(), out)) {
      json.writeStartObject();
      json.writeArrayPropertyStart("tables");
      for (TablePart part : views.parts()) {
        write(part, json);
      }
      json.writeEndArray();
      json.writeStringProperty("plan", SqlFailures.withoutPaths(plan));
      json.writeEndObject();
    }
    return out.toByteArray();
  }

  private static void write(TablePart part, JsonGenerator json) {
    json.writeStartObject();
    json.writeStringProperty("table", part.table().name());
    bound("from", part.times().whole().from(), json);
    bound("to", part.times().whole().to(), json);
    write(part.files(), part.inMemory(), json);
    json.writeArrayPropertyStart("nodes");
    for (TablePart.Elsewhere there : part.elsewhere()) {
      json.writeStartObject();
      json.writeStringProperty("node", there.node());
      write(there.files(), there.inMemory(), json);
      json.writeEndObject();
    }
    json.writeEndArray();
    json.writeEndObject();
  }

  private static void write(TablePart.Files files, long inMemory, JsonGenerator json) {
    json.writeNumberProperty("files", files.segments());
    json.writeArrayPropertyStart("files_read");
    files.needed().forEach(json::writeString);
    json.writeEndArray();
    json.writeNumberProperty("rows_in_memory", inMemory);
  }

  private static void bound(String name, long micros, JsonGenerator json) {
    json.writeName(name);
    if (micros == Long.MIN_VALUE || micros == Long.MAX_VALUE) {
      // There is none; nor where no time is looked at.
      json.writeNull();
    } else {
      json.writeString(Instant.EPOCH.plus(micros, ChronoUnit.MICROS).toString());
    }
  }
}
