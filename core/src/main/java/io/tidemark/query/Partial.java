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

  /// @param notBefore buckets that start before this are not whole in all shards, in microseconds
  record OfRollup(Mark mark, long notBefore, Groups groups) implements Partial {}

  /// @param notBefore events before this time are not there in all shards, in microseconds
  /// @param events newest first, as many as the query's limit
  record OfEvents(Mark mark, long notBefore, List<StoredEvent> events) implements Partial {}
}
