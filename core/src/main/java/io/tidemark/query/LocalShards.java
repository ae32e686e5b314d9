package io.tidemark.query;

import io.tidemark.event.StoredEvent;
import io.tidemark.log.Mark;
import io.tidemark.log.StreamPartition;
import io.tidemark.shard.EventAnswer;
import io.tidemark.shard.RollupAnswer;
import io.tidemark.shard.Shard;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// Asks shards of this process and merges what they say.
public final class LocalShards {
  private LocalShards() {}

  /// @param shards of the query's stream, at least one
  /// @throws io.tidemark.shard.ShardClosedException where one has been closed meanwhile
  public static Partial ask(ShardQuery query, List<Shard> shards) throws IOException {
    return switch (query) {
      case ShardQuery.OfTimeline q -> timeline(q, shards);
      case ShardQuery.OfRollup q -> rollup(q, shards);
      case ShardQuery.OfEvents q -> events(q, shards);
    };
  }

  private static Partial timeline(ShardQuery.OfTimeline q, List<Shard> shards) throws IOException {
    Map<StreamPartition, Long> next = new HashMap<>();
    Map<Integer, List<StoredEvent>> newest = new HashMap<>();
    for (Shard shard : shards) {
      String view = shard.backfilling().earlier().nameOf(q.view(), q.definition());
      Shard.Part<Map<Integer, List<StoredEvent>>> part = shard.timeline(view, q.query());
      next.put(shard.id(), part.next());
      part.value()
          .forEach(
              (split, events) ->
                  newest
                      .computeIfAbsent(split, _ -> new ArrayList<>())
                      .addAll(
                          events.stream()
                              .filter(e -> e.timeMicros() >= part.notBefore())
                              .toList()));
    }
    return new Partial.OfTimeline(new Mark(next), newest);
  }

  private static Partial rollup(ShardQuery.OfRollup q, List<Shard> shards) throws IOException {
    // All of this process have the same declared.
    String view = shards.getFirst().backfilling().earlier().nameOf(q.view(), q.definition());
    RollupAnswer answer = RollupAnswer.of(shards, view, q.query());
    return new Partial.OfRollup(new Mark(answer.next()), answer.notBefore(), answer.groups());
  }

  private static Partial events(ShardQuery.OfEvents q, List<Shard> shards) throws IOException {
    EventAnswer answer = EventAnswer.of(shards, q.query());
    return new Partial.OfEvents(new Mark(answer.next()), answer.notBefore(), answer.newest());
  }
}
