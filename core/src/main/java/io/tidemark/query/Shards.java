package io.tidemark.query;

import io.tidemark.log.Mark;
import java.util.List;

/// Port: the shards of streams, wherever they live.
public interface Shards {
  /// Asks shards, each once it has reached the mark.
  ///
  /// @param partitions which shards of the query's stream
  /// @param after what the answer must contain at least
  /// @param deadlineNanos when to give up, on the clock of [System#nanoTime]
  /// @return the answers of all of them, in one or more parts
  /// @throws NotVisibleException where a shard has not reached the mark in time
  /// @throws UnavailableException where a shard cannot be asked
  List<Partial> ask(
      String stream, List<Integer> partitions, ShardQuery query, Mark after, long deadlineNanos)
      throws NotVisibleException, UnavailableException;

  /// A shard had not applied the log up to the wanted mark by the deadline.
  final class NotVisibleException extends Exception {
    private static final long serialVersionUID = 1L;

    public NotVisibleException(String message) {
      super(message);
    }
  }

  /// A shard has no node just now, or its node does not answer.
  final class UnavailableException extends Exception {
    private static final long serialVersionUID = 1L;

    public UnavailableException(String message) {
      super(message);
    }

    public UnavailableException(String message, Throwable cause) {
      super(message, cause);
    }
  }
}
