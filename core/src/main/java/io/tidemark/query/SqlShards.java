package io.tidemark.query;

import io.tidemark.log.StreamPartition;
import io.tidemark.shard.HeldShards;
import java.io.IOException;
import java.io.InputStream;
import java.util.Collection;

/// Port: all shards of the streams that a question in SQL is about, wherever they live, each at one
/// position.
@FunctionalInterface
public interface SqlShards {
  /// Waits until all of them have reached the mark, has the nodes that have shards which are not
  /// here send what is needed of them, and holds the others while somebody reads.
  ///
  /// @param deadlineNanos when other nodes give up working, on the clock of [System#nanoTime]
  /// @param excerpts takes what other nodes send, before the reader begins
  /// @param reader is called once, with the shards that are not among the excerpts
  /// @return what the reader returns
  /// @throws SqlRefusedException where there is more than fits, here or on another node
  /// @throws Shards.NotVisibleException where a shard has not reached the mark in time
  /// @throws Shards.UnavailableException where a shard has no node that answers
  /// @throws IOException what the reader throws
  <T> T read(
      SqlNeeds needs,
      Queries.After after,
      long deadlineNanos,
      Excerpts excerpts,
      HeldShards.Reading<T> reader)
      throws SqlRefusedException,
          Shards.NotVisibleException,
          Shards.UnavailableException,
          IOException;

  /// Takes what other nodes send; for several threads.
  @FunctionalInterface
  interface Excerpts {
    /// Takes one excerpt, all of it or nothing. It counts only once it is kept: who has given up
    /// waiting for it has looked for its shards elsewhere.
    ///
    /// @param node who sends it
    /// @param shards what it is of
    /// @param body as [SqlExcerpts.Excerpt#writeTo] has written it
    /// @return keeps it; to be run once at most, before the reader begins
    /// @throws IOException where it is not that: others may be asked
    /// @throws SqlRefusedException where there is no room for it
    Runnable take(String node, Collection<StreamPartition> shards, InputStream body)
        throws IOException, SqlRefusedException;
  }
}
