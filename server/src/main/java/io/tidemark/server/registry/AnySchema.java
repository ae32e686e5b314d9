package io.tidemark.server.registry;

import io.tidemark.app.Problem;
import io.tidemark.app.SchemaReader;
import io.tidemark.event.Evolution;
import io.tidemark.server.json.JsonSchemaReader;
import io.tidemark.server.json.SchemaChanges;
import io.tidemark.server.registry.SchemaVersion.Kind;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
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
    /// Comparing takes as much as a schema has parts where each record is written out wherever it
    /// is named, and that doubles with each level of records that name the next one twice.
    private static final int MAX_PATHS = 10_000;

    /// Differences that are said.
    private static final int MAX_SAID = 100;

    private static Avro read(String text) throws RegistryError {
      try {
        Schema schema = new Schema.Parser().parse(text);
        if (paths(schema, new IdentityHashMap<>()) > MAX_PATHS) {
          throw RegistryError.badSchema(
              "Invalid schema: written out, records within records, it has more than %d parts"
                  .formatted(MAX_PATHS));
        }
        return new Avro(schema);
      } catch (RuntimeException e) {
        // Of what is not Avro at all, not every exception of the parser is its own.
        throw RegistryError.badSchema("Invalid schema: not Avro: " + e.getMessage());
      }
    }

    /// How many parts a schema has, written out; at most one more than there may be. A record
    /// within itself is one part.
    private static int paths(Schema schema, Map<Schema, Integer> known) {
      Integer there = known.get(schema);
      if (there != null) {
        return there;
      }
      known.put(schema, 1);
      List<Schema> parts =
          switch (schema.getType()) {
            case RECORD -> schema.getFields().stream().map(Schema.Field::schema).toList();
            case UNION -> schema.getTypes();
            case ARRAY -> List.of(schema.getElementType());
            case MAP -> List.of(schema.getValueType());
            default -> List.of();
          };
      int paths = schema.isUnion() ? 0 : 1;
      for (Schema part : parts) {
        paths = Math.min(MAX_PATHS + 1, paths + paths(part, known));
      }
      known.put(schema, paths);
      return paths;
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
              .limit(MAX_SAID)
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
