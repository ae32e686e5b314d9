package io.tidemark.event;

/// A record was written with a schema that this node's own cannot stand for: by a node with a newer
/// app; or with one whose version is lost. It must not be applied, or what the older schema does
/// not know would be lost.
public final class UnreadableSchemaException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private UnreadableSchemaException(String message) {
    super(message);
  }

  static UnreadableSchemaException newer(int schemaId, String why) {
    return new UnreadableSchemaException(
        "there are events of a newer schema (id %d) than this node's app declares (%s); start this node with the newer app"
            .formatted(schemaId, why));
  }

  static UnreadableSchemaException unknown(int schemaId) {
    return new UnreadableSchemaException(
        "there are events of a schema (id %d) that no version of the stream has; bring the topic of schemas back from a backup"
            .formatted(schemaId));
  }
}
