package io.tidemark.server.registry;

import io.tidemark.app.Problem;
import io.tidemark.app.SchemaReader;
import io.tidemark.event.Evolution;
import io.tidemark.server.json.JsonSchemaReader;
import io.tidemark.server.json.SchemaChanges;
import io.tidemark.server.registry.SchemaVersion.Kind;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.apache.avro.Schema;
import org.apache.avro.SchemaCompatibility;
import org.apache.avro.SchemaCompatibility.SchemaCompatibilityType;

/// A schema that has been understood.
sealed interface AnySchema {
  Kind kind();

  /// Its text, the same however it was laid out.
  String text();

  /// Why what was written with an earlier schema cannot be read with this one; empty where it can.
  List<String> obstacles(AnySchema earlier);

  /// @throws RegistryError where it is none
  static AnySchema read(Kind kind, String text) throws RegistryError {
    return switch (kind) {
      case AVRO -> Avro.read(text);
      case JSON -> Json.read(text);
    };
  }

  private static List<String> ofAnotherKind(AnySchema now, AnySchema earlier) {
    return List.of(
        "the subject's schemas are %s, not %s; take another subject"
            .formatted(earlier.kind(), now.kind()));
  }

  /// Avro.
  record Avro(Schema schema) implements AnySchema {
    private static Avro read(String text) throws RegistryError {
      try {
        return new Avro(new Schema.Parser().parse(text));
      } catch (RuntimeException e) {
        // Of what is not Avro at all, not every exception of the parser is its own.
        throw RegistryError.badSchema("Invalid schema: not Avro: " + e.getMessage());
      }
    }

    @Override
    public Kind kind() {
      return Kind.AVRO;
    }

    @Override
    public String text() {
      return schema.toString();
    }

    @Override
    public List<String> obstacles(AnySchema earlier) {
      if (!(earlier instanceof Avro(Schema writer))) {
        return ofAnotherKind(this, earlier);
      }
      var result = SchemaCompatibility.checkReaderWriterCompatibility(schema, writer).getResult();
      return result.getCompatibility() == SchemaCompatibilityType.COMPATIBLE
          ? List.of()
          : result.getIncompatibilities().stream()
              .map(i -> "%s at %s: %s".formatted(i.getType(), i.getLocation(), i.getMessage()))
              .toList();
    }
  }

  /// JSON Schema, of 2020-12.
  record Json(SchemaReader.Result read, String text) implements AnySchema {
    private static Json read(String text) throws RegistryError {
      SchemaReader.Result read = new JsonSchemaReader().readText("schema", text, "schema");
      if (!read.problems().isEmpty()) {
        throw RegistryError.badSchema(
            "Invalid schema: "
                + read.problems().stream()
                    .map(Problem::toString)
                    .collect(Collectors.joining("; ")));
      }
      return new Json(read, SchemaChanges.normal(text));
    }

    @Override
    public Kind kind() {
      return Kind.JSON;
    }

    @Override
    public List<String> obstacles(AnySchema earlier) {
      if (!(earlier instanceof Json old)) {
        return ofAnotherKind(this, earlier);
      }
      List<String> obstacles = new ArrayList<>(Evolution.obstacles(old.read.type(), read.type()));
      obstacles.addAll(SchemaChanges.obstacles(old.text, text));
      return obstacles;
    }
  }
}
