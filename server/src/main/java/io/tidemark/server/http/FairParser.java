package io.tidemark.server.http;

import io.tidemark.event.EventRow;
import io.tidemark.ingest.EventParser;

/// A parser that now and then lets other requests go first. Virtual threads keep their processor
/// until they wait for something, and a large body is read without waiting: a few of them would
/// hold up every other request until they are done.
final class FairParser implements EventParser {
  /// Less than a millisecond's work, mostly.
  private static final int EVENTS_A_SLICE = 256;

  private final EventParser parser;
  private int events;

  FairParser(EventParser parser) {
    this.parser = parser;
  }

  @Override
  public void open(byte[] body, int start, int length, Shape shape) {
    parser.open(body, start, length, shape);
    events = 0;
  }

  @Override
  public Step next(EventRow row) {
    if (++events % EVENTS_A_SLICE == 0) {
      Thread.yield();
    }
    return parser.next(row);
  }
}
