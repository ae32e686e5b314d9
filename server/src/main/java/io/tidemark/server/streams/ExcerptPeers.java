package io.tidemark.server.streams;

import io.tidemark.log.StreamPartition;
import io.tidemark.query.Queries;
import io.tidemark.query.Shards.NotVisibleException;
import io.tidemark.query.Shards.UnavailableException;
import io.tidemark.query.SqlNeeds;
import io.tidemark.query.SqlRefusedException;
import io.tidemark.query.SqlShards;
import java.util.List;

/// Port: has another node send what SQL needs of shards it has.
@FunctionalInterface
public interface ExcerptPeers {
  /// Asks a node, and takes what it sends; blocks. An interrupted caller ends it, there too.
  ///
  /// @param shards all on that node as far as is known
  /// @param deadlineNanos when to give up, on the clock of [System#nanoTime]
  /// @return keeps it
  /// @throws SqlRefusedException where there is more than fits, here or there
  /// @throws NotVisibleException where a shard has not reached the mark in time
  /// @throws UnavailableException where the node does not answer as it should, or does not have one
  ///   of them (any more): the caller looks again
  Runnable fetch(
      HostInfo node,
      SqlNeeds needs,
      List<StreamPartition> shards,
      Queries.After after,
      long deadlineNanos,
      SqlShards.Excerpts excerpts)
      throws SqlRefusedException, NotVisibleException, UnavailableException;
}
