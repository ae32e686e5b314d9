package io.tidemark.query;

import io.tidemark.rollup.RollupQuery;
import io.tidemark.table.EventQuery;
import io.tidemark.timeline.TimelineQuery;

/// A question that each shard of a stream answers for itself.
public sealed interface ShardQuery {
  /// @param definition of the view, by which shards know it
  record OfTimeline(String view, String definition, TimelineQuery query) implements ShardQuery {}

  /// @param definition of the view, by which shards know it, and what numbers of dimensions and
  ///   measures mean
  record OfRollup(String view, String definition, RollupQuery query) implements ShardQuery {}

  record OfEvents(String stream, EventQuery query) implements ShardQuery {}
}
