package io.tidemark.event;

import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/// Reads what the log holds of a stream's events as rows of the stream's present shape, whichever
/// version of the schema it was written with: what that version did not have is null, and what it
/// had of a narrower type is widened. Many threads may use it.
public final class EventDecoder {
  private final EventType type;
  private final int schemaId;
  private final Shapes shapes;

  /// By id, those that have been met.
  private final Map<Integer, Written> others = new ConcurrentHashMap<>();

  /// Another shape.
  ///
  /// @param places for each of its fields the index in the present shape
  private record Written(EventType type, int[] places) {}

  /// @param type the present shape
  public EventDecoder(EventType type, Shapes shapes) {
    this.type = type;
    this.schemaId = EventCodec.schemaId(type);
    this.shapes = shapes;
  }

  /// The present shape.
  public EventType type() {
    return type;
  }

  /// Whether a record was written in the present shape.
  public boolean isPresent(byte[] value) {
    return EventCodec.schemaIdOf(value) == schemaId;
  }

  /// Fills a row of the present shape; the row's texts are ranges of `value`.
  ///
  /// @return whether the record is one of this stream's events, and whole
  /// @throws UnreadableSchemaException where it was written with a newer schema, or a lost one
  /// @throws java.io.UncheckedIOException where it cannot be found out now what it was written with
  public boolean decode(byte[] value, EventRow row) {
    int id = EventCodec.schemaIdOf(value);
    try {
      if (id == schemaId) {
        EventCodec.decodeValue(value, row);
        return true;
      }
      Written written = id < 0 ? null : others.get(id);
      if (written == null) {
        Optional<EventType> found = id < 0 ? Optional.empty() : shapes.find(id);
        if (found.isEmpty()) {
          if (id >= EventCodec.LEAST_SCHEMA_ID) {
            throw UnreadableSchemaException.unknown(id);
          }
          return false;
        }
        written = written(id, found.get());
        others.put(id, written);
      }
      EventCodec.decodeValue(value, written.type(), written.places(), row);
      return true;
    } catch (EventCodec.Malformed _) {
      return false;
    }
  }

  /// Fills a row from what must be one of this stream's events.
  ///
  /// @throws EventCodec.Malformed where it is not
  public void read(byte[] value, EventRow row) {
    if (!decode(value, row)) {
      throw new EventCodec.Malformed(
          "%d bytes that are not an event of %s".formatted(value.length, type.name()));
    }
  }

  private Written written(int id, EventType other) {
    var obstacles = Evolution.obstacles(other, type);
    if (!obstacles.isEmpty()) {
      throw UnreadableSchemaException.newer(id, obstacles.getFirst());
    }
    int[] places = new int[other.size()];
    for (int i = 0; i < places.length; i++) {
      places[i] = type.indexOf(other.field(i).path());
    }
    return new Written(other, places);
  }

  /// A record's value as it would be, had it been written in the present shape.
  ///
  /// @param row is overwritten
  /// @throws EventCodec.Malformed where it is not one of this stream's events
  public byte[] inPresentShape(byte[] value, EventRow row) {
    if (isPresent(value)) {
      return value;
    }
    read(value, row);
    return EventCodec.encodeValue(row, schemaId);
  }
}
