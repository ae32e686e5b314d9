package io.tidemark.event;

import java.util.Optional;

/// Port: the shapes in which a stream's events have been written, this node's own and others. Many
/// threads may ask.
@FunctionalInterface
public interface Shapes {
  /// A stream whose schema never changes.
  Shapes NO_OTHERS = _ -> Optional.empty();

  /// A shape by its schema's id.
  ///
  /// @param schemaId of a stream's schema, or of any other
  /// @return nothing only where it is certain that no node has ever written the stream's events
  ///   with such a schema; to know that, it asks, however long that takes
  /// @throws java.io.UncheckedIOException where it cannot be found out now
  Optional<EventType> find(int schemaId);
}
