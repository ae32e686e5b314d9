package io.tidemark.event;

/// A record was written with a schema that this node's own cannot stand for: by a node with a newer
/// app. It must not be applied, or what the older schema does not know would be lost.
public final class UnreadableSchemaException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  UnreadableSchemaException(int schemaId, String why) {
    super(
        "there are events of a newer schema (id %d) than this node's app declares (%s); start this node with the newer app"
            .formatted(schemaId, why));
  }
}
