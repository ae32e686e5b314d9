package io.tidemark.query;

import io.tidemark.log.Mark;
import io.tidemark.log.StreamPartition;
import java.util.List;
import java.util.Optional;

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

  /// A shard has no node just now, or its node does not answer, or it stays closed there.
  class UnavailableException extends Exception {
    private static final long serialVersionUID = 1L;

    private final transient Optional<StreamPartition> closed;

    public UnavailableException(String message) {
      this(message, Optional.empty());
    }

    /// @param closed the shard that has no answer on the node however often it is asked
    public UnavailableException(String message, Optional<StreamPartition> closed) {
      super(message);
      this.closed = closed;
    }

    public UnavailableException(String message, Throwable cause) {
      super(message, cause);
      this.closed = Optional.empty();
    }

    /// The shard that stays closed on the node until a person has acted, or for long: asking this
    /// node again is of no use.
    public Optional<StreamPartition> closed() {
      return closed;
    }
  }

  /// A view is being filled with what its stream had before it was declared, on some shard: there,
  /// that takes longer than anybody waits for an answer. Or it is an earlier one, and has gone.
  final class ViewFillingException extends UnavailableException {
    private static final long serialVersionUID = 1L;

    private final String view;

    /// Empty where there is none.
    private final String earlier;

    /// @param shard where it is being filled
    /// @param view as it is declared
    /// @param earlier the definition of the view that answers in its place
    public ViewFillingException(
        String message, Optional<StreamPartition> shard, String view, Optional<String> earlier) {
      super(message, shard);
      this.view = view;
      this.earlier = earlier.orElse("");
    }

    /// The name that the view is declared by.
    public String view() {
      return view;
    }

    /// The definition of the view that answers in its place, see
    /// [io.tidemark.app.EarlierView#read].
    public Optional<String> earlier() {
      return Optional.of(earlier).filter(d -> !d.isEmpty());
    }
  }

  /// Files of a shard are damaged: it mends itself from the log and then can be asked again, or
  /// says what a person must do.
  final class DataDamagedException extends UnavailableException {
    private static final long serialVersionUID = 1L;

    public DataDamagedException(String message) {
      super(message);
    }

    /// @param closed the shard that stays closed on the node until a person has acted
    public DataDamagedException(String message, Optional<StreamPartition> closed) {
      super(message, closed);
    }
  }
}
