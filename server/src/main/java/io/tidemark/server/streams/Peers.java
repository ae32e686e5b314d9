package io.tidemark.server.streams;

import io.tidemark.log.Mark;
import io.tidemark.query.Partial;
import io.tidemark.query.ShardQuery;
import io.tidemark.query.Shards.NotVisibleException;
import io.tidemark.query.Shards.UnavailableException;
import java.util.List;

/// Port: asks another node about shards it has. The other side answers from [NodeShards].
@FunctionalInterface
public interface Peers {
  /// Asks a node; blocks.
  ///
  /// @param partitions which shards of the query's stream, all on that node as far as is known
  /// @param deadlineNanos when to give up, on the clock of [System#nanoTime]
  /// @throws NotVisibleException where a shard has not reached the mark in time
  /// @throws UnavailableException where the node does not answer, or does not have one of them (any
  ///   more): the caller looks again
  List<Partial> ask(
      HostInfo node,
      String stream,
      List<Integer> partitions,
      ShardQuery query,
      Mark after,
      long deadlineNanos)
      throws NotVisibleException, UnavailableException;
}
