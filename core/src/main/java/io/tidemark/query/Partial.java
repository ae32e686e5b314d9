package io.tidemark.query;

import io.tidemark.event.StoredEvent;
import io.tidemark.log.Mark;
import io.tidemark.rollup.Groups;
import java.util.List;
import java.util.Map;

/// What some of a stream's shards answer, merged.
public sealed interface Partial {
  /// What the answer contains of each of those shards.
  Mark mark();

  /// @param newest by hash of the split value the newest events, in no order, and perhaps more of
  ///   them than the timeline keeps
  record OfTimeline(Mark mark, Map<Integer, List<StoredEvent>> newest) implements Partial {}

  record OfRollup(Mark mark, Groups groups) implements Partial {}

  /// @param events in no order, and perhaps more than the query's limit
  record OfEvents(Mark mark, List<StoredEvent> events) implements Partial {}
}
