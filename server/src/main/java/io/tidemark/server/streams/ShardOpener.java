package io.tidemark.server.streams;

import io.tidemark.shard.Shard;
import io.tidemark.shard.ShardLog;
import java.io.IOException;

/// Port: opens shards where their last checkpoints left them.
@FunctionalInterface
public interface ShardOpener {
  /// Opens a shard, which nobody else has open on this node.
  ///
  /// @param thorough whether to read all its files, since some are damaged
  /// @throws io.tidemark.shard.IncompatibleStateException where its files belong to another
  ///   declaration or log, or are damaged beyond repair: the shard stays away until the next start
  /// @throws IOException where its files cannot be read: tried again
  Shard open(String stream, int partition, ShardLog log, boolean thorough) throws IOException;
}
