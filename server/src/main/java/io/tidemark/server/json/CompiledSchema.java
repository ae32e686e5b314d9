package io.tidemark.server.json;

import io.tidemark.event.EventType;
import io.tidemark.ingest.EventParser;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.json.JsonFactory;

/// A stream's schema, compiled into what its parsers share.
public final class CompiledSchema {
  private final EventType type;
  private final SchemaNode root;
  private final JsonFactory factory;

  private CompiledSchema(EventType type, SchemaNode root, JsonFactory factory) {
    this.type = type;
    this.root = root;
    this.factory = factory;
  }

  /// Compiles a schema in which [JsonSchemaReader] found no problem.
  ///
  /// @param type the leaves that the reader derived from the same schema
  /// @param schemaSource the schema's text
  public static CompiledSchema compile(EventType type, String schemaSource) {
    // The parser has bounds of its own, with answers that fit; these only keep Jackson from
    // stopping first.
    JsonFactory factory =
        JsonFactory.builder()
            .streamReadConstraints(
                StreamReadConstraints.builder()
                    .maxNestingDepth(10_000)
                    .maxNumberLength(Integer.MAX_VALUE)
                    .maxStringLength(Integer.MAX_VALUE)
                    .maxNameLength(Integer.MAX_VALUE)
                    .build())
            .build();
    SchemaNode root = new SchemaCompiler(type, new SchemaDocument(schemaSource), factory).compile();
    return new CompiledSchema(type, root, factory);
  }

  public EventType type() {
    return type;
  }

  /// A parser for one thread at a time.
  public EventParser newParser() {
    return new JsonEventParser(factory, root);
  }
}
