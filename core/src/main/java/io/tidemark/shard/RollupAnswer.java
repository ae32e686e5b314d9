package io.tidemark.shard;

import io.tidemark.log.StreamPartition;
import io.tidemark.rollup.Groups;
import io.tidemark.rollup.Rollup;
import io.tidemark.rollup.RollupQuery;
import io.tidemark.table.SegmentStore;
import java.io.IOException;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// What some shards of a stream contribute to an answer about a rollup, as one: so that all their
/// segments are read together.
///
/// @param next of each shard, the groups contain exactly the events below this offset
/// @param notBefore buckets before this time are not answered any more by some of the shards, and
///   are not among the groups
public record RollupAnswer(Groups groups, Map<StreamPartition, Long> next, long notBefore) {
  /// Asks shards of this process.
  ///
  /// @param shards of one stream, at least one
  /// @throws ShardClosedException where one has been closed meanwhile
  /// @throws DamagedException where files of one are damaged
  /// @throws FillingException where one of them does not have all of the view yet
  public static RollupAnswer of(List<Shard> shards, String view, RollupQuery query)
      throws IOException {
    return HeldShards.reading(shards, held -> of(held, view, query));
  }

  /// Asks shards that are held already.
  ///
  /// @param held of one stream, at least one
  static RollupAnswer of(HeldShards held, String view, RollupQuery query) throws IOException {
    held.requireFilled(view);
    List<Shard> shards = held.shards();
    Rollup rollup = shards.getFirst().views().rollup(view);
    List<ShardState.Seen> seen = held.see(view);
    Map<StreamPartition, Long> next = new HashMap<>();
    long notBefore = Long.MIN_VALUE;
    for (int i = 0; i < seen.size(); i++) {
      next.put(shards.get(i).id(), seen.get(i).next());
      ShardViews views = shards.get(i).views();
      notBefore = Math.max(notBefore, views.notBefore(view, seen.get(i)));
    }
    long from = Math.max(query.from(), notBefore);
    Map<SegmentStore, List<Rollup.Segment>> stored = new LinkedHashMap<>();
    for (int i = 0; i < seen.size(); i++) {
      List<Rollup.Segment> segments =
          seen.get(i).segments().stream()
              .filter(s -> s.maxTime() >= from && s.minTime() < query.to())
              .map(s -> new Rollup.Segment(s.name(), s.sets()))
              .toList();
      stored.put(shards.get(i).segments(), segments);
    }
    Groups groups = rollup.answer(query);
    rollup.foldSegments(stored, query, notBefore, groups);
    for (ShardState.Seen one : seen) {
      for (var tail : one.tails()) {
        rollup.foldTail(tail, query, notBefore, groups);
      }
    }
    return new RollupAnswer(groups, next, notBefore);
  }
}
