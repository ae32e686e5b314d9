package io.tidemark.server.http;

import io.tidemark.app.StreamSpec;
import io.tidemark.event.EventRenderer;
import io.tidemark.ingest.Batch;
import io.tidemark.ingest.EventLog;
import io.tidemark.ingest.EventParser;
import io.tidemark.ingest.Ingest;
import io.tidemark.ingest.Refusals;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Supplier;

/// The way into one stream, and back out as JSON.
public final class StreamGate {
  /// From this on a body is large: taking it in is work of milliseconds.
  public static final int LARGE_BYTES = 64 << 10;

  private final Ingest ingest;
  private final EventRenderer renderer;
  private final Turns largeBodies;
  private final Supplier<EventParser> newParser;
  private final Supplier<String> obstacle;
  private final ApiMetrics metrics;
  private final Refusals refusals = new Refusals();

  /// Parsers that nobody uses just now; a parser is costly to make and cheap to keep.
  private final ConcurrentLinkedQueue<EventParser> idle = new ConcurrentLinkedQueue<>();

  /// @param largeBodies of all streams together
  /// @param obstacle why no event can be taken just now; empty where there is no reason
  public StreamGate(
      StreamSpec stream,
      EventLog log,
      Turns largeBodies,
      Supplier<String> obstacle,
      Supplier<EventParser> newParser,
      EventRenderer renderer,
      ApiMetrics metrics) {
    this.ingest = new Ingest(stream, log);
    this.largeBodies = largeBodies;
    this.obstacle = obstacle;
    this.newParser = newParser;
    this.renderer = renderer;
    this.metrics = metrics;
  }

  public StreamSpec stream() {
    return ingest.stream();
  }

  public EventRenderer renderer() {
    return renderer;
  }

  Refusals refusals() {
    return refusals;
  }

  /// Takes the events of a request's body; returns when what is acknowledged is durable. Large
  /// bodies take turns, from parsing to the log's answer, so that small ones do not wait behind
  /// them.
  ///
  /// @throws Problem where the body as a whole cannot be taken
  public Batch take(byte[] body, int length, EventParser.Shape shape) {
    if (length < LARGE_BYTES) {
      return takeNow(body, length, shape);
    }
    try (Turns.Turn _ = largeBodies.take(length)) {
      return takeNow(body, length, shape);
    }
  }

  /// Asks for a key's events to be erased; returns when the log has that.
  ///
  /// @return a batch of one, which is accepted unless the log has not taken it
  Batch erase(byte[] key) {
    String reason = obstacle.get();
    if (!reason.isEmpty()) {
      throw new Problem(503, "disk-full", reason).retryAfter(5);
    }
    return ingest.erase(key);
  }

  private Batch takeNow(byte[] body, int length, EventParser.Shape shape) {
    String reason = obstacle.get();
    if (!reason.isEmpty()) {
      throw new Problem(503, "disk-full", reason).retryAfter(5);
    }
    EventParser parser = idle.poll();
    if (parser == null) {
      parser = newParser.get();
    }
    long nowMs = System.currentTimeMillis();
    Batch batch;
    try {
      batch = ingest.take(parser, body, length, shape, nowMs);
    } catch (Ingest.TooManyItems e) {
      throw new Problem(413, "too-many-events", e.getMessage() + "; send several requests")
          .with("limit", Ingest.MAX_ITEMS);
    }
    idle.offer(parser);
    if (batch.accepted() > 0) {
      metrics.accepted(stream().name(), batch.accepted(), length);
    }
    if (!batch.refused().isEmpty()) {
      refusals.add(nowMs, batch.refused());
      batch.refused().forEach(item -> metrics.refused(stream().name(), item.refusal().code()));
    }
    return batch;
  }
}
