package io.tidemark.query;

import io.tidemark.log.StreamPartition;
import io.tidemark.shard.HeldShards;
import java.io.IOException;
import java.util.Collection;

/// Port: shards of this node, each at one position.
@FunctionalInterface
public interface Snapshots {
  /// Waits until shards have reached the mark, and holds them while somebody reads. Nothing is held
  /// any more when this returns.
  ///
  /// @param shards none is fine
  /// @return what the reader returns
  /// @throws Shards.NotVisibleException where a shard has not reached the mark in time
  /// @throws Shards.UnavailableException where a shard is not on this node, or cannot be read
  /// @throws IOException what the reader throws
  <T> T read(Collection<StreamPartition> shards, Queries.After after, HeldShards.Reading<T> reader)
      throws Shards.NotVisibleException, Shards.UnavailableException, IOException;
}
