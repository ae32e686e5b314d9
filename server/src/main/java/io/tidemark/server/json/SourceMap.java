package io.tidemark.server.json;

import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.TokenStreamLocation;
import tools.jackson.core.json.JsonFactory;

/// Where each value of a JSON text stands, by its pointer.
final class SourceMap {
  private final Map<String, Position> positions = new HashMap<>();

  /// @param line from 1
  /// @param column from 1
  record Position(int line, int column) {
    /// @param location null: nobody knows
    static Position of(@Nullable TokenStreamLocation location) {
      if (location == null) {
        return new Position(1, 1);
      }
      return new Position(Math.max(1, location.getLineNr()), Math.max(1, location.getColumnNr()));
    }
  }

  /// Reads the whole text.
  ///
  /// @throws tools.jackson.core.JacksonException where it is not JSON or has a name twice
  SourceMap(String json) {
    JsonFactory factory =
        JsonFactory.builder().enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION).build();
    try (JsonParser parser = factory.createParser(ObjectReadContext.empty(), json)) {
      JsonToken token = parser.nextToken();
      while (token != null) {
        boolean isValue = token.isScalarValue() || token.isStructStart();
        if (isValue) {
          String pointer = pointer(parser, token);
          positions.put(pointer, Position.of(parser.currentTokenLocation()));
        }
        token = parser.nextToken();
      }
    }
  }

  /// Where a value stands, or the nearest thing around it.
  Position position(String pointer) {
    String place = pointer;
    while (!positions.containsKey(place) && !place.isEmpty()) {
      place = place.substring(0, place.lastIndexOf('/'));
    }
    return positions.getOrDefault(place, new Position(1, 1));
  }

  /// At a bracket the parser has already stepped inside.
  private static String pointer(JsonParser parser, JsonToken token) {
    var context = parser.streamReadContext();
    return (token.isStructStart() ? context.getParent() : context).pathAsPointer().toString();
  }
}
