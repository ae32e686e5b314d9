package io.tidemark.server.registry;

import io.tidemark.event.EventType;
import java.util.Optional;

/// One version of a schema.
///
/// @param subject whose it is, as `clicks-value`
/// @param version counts a subject's from 1
/// @param id the same in all subjects that have this schema
/// @param text the schema
/// @param stream the data name of the stream that it belongs to; empty where somebody registered it
/// @param shape of a stream's records
record SchemaVersion(
    String subject,
    int version,
    int id,
    Kind kind,
    String text,
    Optional<String> stream,
    Optional<EventType> shape) {
  /// The language of a schema.
  enum Kind {
    AVRO,
    JSON
  }

  boolean hasText(Kind otherKind, String otherText) {
    return kind == otherKind && text.equals(otherText);
  }
}
