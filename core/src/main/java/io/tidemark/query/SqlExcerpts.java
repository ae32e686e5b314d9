package io.tidemark.query;

import io.tidemark.log.StreamPartition;
import java.io.IOException;
import java.io.OutputStream;
import java.util.Collection;

/// Port: what shards of this node have, for another node that answers SQL.
@FunctionalInterface
public interface SqlExcerpts {
  /// Waits until shards have reached the mark, and writes down what is needed of them, each at one
  /// position; blocks. An interrupted caller ends it.
  ///
  /// @param shards those of this node
  /// @param deadlineNanos when to give up, on the clock of [System#nanoTime]
  /// @throws SqlRefusedException where there is more of it than fits
  /// @throws Shards.NotVisibleException where a shard has not reached the mark in time
  /// @throws Shards.UnavailableException where a shard is not on this node, or cannot be read
  /// @throws IOException where the node is at fault, and where the caller was interrupted
  Excerpt excerpt(
      SqlNeeds needs, Collection<StreamPartition> shards, Queries.After after, long deadlineNanos)
      throws SqlRefusedException,
          Shards.NotVisibleException,
          Shards.UnavailableException,
          IOException;

  /// An excerpt, whole; whoever reads it slowly holds nothing but the room that it takes.
  interface Excerpt extends AutoCloseable {
    /// How many bytes it has.
    long length();

    void writeTo(OutputStream out) throws IOException;

    @Override
    void close() throws IOException;
  }
}
