package io.tidemark.ingest;

import io.tidemark.event.EventRow;
import org.jspecify.annotations.Nullable;

/// Port: parses and validates the events of one stream, in one pass. Not for use by two threads at
/// once; made per request or pooled.
public interface EventParser {
  /// Starts on a request's body.
  ///
  /// @param body the bytes; must not change until the last event is read
  /// @param shape how events lie in the body
  void open(byte[] body, int start, int length, Shape shape);

  /// Reads the next event into the row.
  ///
  /// A refused event does not end the body, unless what follows cannot be found any more: then that
  /// refusal is the last item.
  ///
  /// @return what came of it; [Step.End] after the last event
  Step next(EventRow row);

  /// How events lie in a body.
  enum Shape {
    /// One JSON value: an object is one event, an array is a list of events.
    JSON,
    /// One event a line; empty lines are skipped.
    NDJSON
  }

  /// What came of reading one event.
  sealed interface Step {
    /// The row holds a valid event.
    record Valid() implements Step {}

    /// The event was refused; the row is undefined.
    record Refused(Refusal refusal) implements Step {}

    /// There was no further event. `wasArray` tells whether a JSON body was an array.
    record End(boolean wasArray, @Nullable Refusal broken) implements Step {}
  }
}
