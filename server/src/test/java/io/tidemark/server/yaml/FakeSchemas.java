package io.tidemark.server.yaml;

import static io.tidemark.event.FieldType.BOOLEAN;
import static io.tidemark.event.FieldType.DOUBLE;
import static io.tidemark.event.FieldType.JSON;
import static io.tidemark.event.FieldType.LONG;
import static io.tidemark.event.FieldType.STRING;
import static io.tidemark.event.FieldType.TIMESTAMP;

import io.tidemark.app.Problem;
import io.tidemark.app.SchemaReader;
import io.tidemark.event.EventType;
import io.tidemark.event.Field;
import java.nio.file.Path;
import java.util.List;

/// Schemas that are known by the name of their file; what is in the file does not matter.
final class FakeSchemas implements SchemaReader {
  static final List<Field> USER_TAG =
      List.of(
          new Field("time", TIMESTAMP, true),
          new Field("cookie", STRING, true),
          new Field("country", STRING, true),
          new Field("device", STRING, true),
          new Field("action", STRING, true),
          new Field("origin", STRING, true),
          new Field("product_info.product_id", JSON, true),
          new Field("product_info.brand_id", STRING, true),
          new Field("product_info.category_id", STRING, true),
          new Field("product_info.price", LONG, true));

  static final List<Field> OPERATION =
      List.of(
          new Field("ts", LONG, true),
          new Field("action_id", STRING, true),
          new Field("user_id", LONG, true),
          new Field("type", STRING, true),
          new Field("provider", STRING, false),
          new Field("ok", BOOLEAN, true),
          new Field("amount", DOUBLE, true),
          new Field("duration_ms", LONG, false),
          new Field("details", JSON, false),
          new Field("started", TIMESTAMP, false));

  @Override
  public Result read(String stream, Path file, String displayName) {
    return switch (String.valueOf(file.getFileName())) {
      case "broken.json" ->
          new Result(
              new EventType(stream, List.of()),
              "",
              List.of(
                  new Problem(displayName, 3, 5, "type \"strin\" is unknown"),
                  new Problem(displayName, 7, 1, "not JSON")));
      case "operation.json" -> new Result(new EventType(stream, OPERATION), "{}", List.of());
      default -> new Result(new EventType(stream, USER_TAG), "{}", List.of());
    };
  }
}
