package io.tidemark.app;

import io.tidemark.event.EventType;
import java.nio.file.Path;
import java.util.List;

/// Port: turns the JSON Schema of a stream into the shape of its events.
public interface SchemaReader {
  /// What came of a schema file.
  ///
  /// @param type the shape; meaningless where there are problems
  /// @param source the text of the file
  /// @param problems every mistake, each with its line and column; empty where the schema can be
  ///   used
  record Result(EventType type, String source, List<Problem> problems) {}

  /// Reads a schema.
  ///
  /// @param stream the name of the stream, which names the shape
  /// @param file the schema's file; that it does not exist is a problem, not an exception
  /// @param displayName how the file is named in problems
  Result read(String stream, Path file, String displayName);
}
