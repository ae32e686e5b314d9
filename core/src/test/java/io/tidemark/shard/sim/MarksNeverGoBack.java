package io.tidemark.shard.sim;

import io.tidemark.log.Mark;
import io.tidemark.log.StreamPartition;
import io.tidemark.shard.Shard;
import java.util.HashMap;
import java.util.Map;

/// Invariant: an answer contains what its query asked for at least and no more than the log has;
/// whoever passes on the marks of acknowledgements and answers never sees less than before; and of
/// two answers of one process about one view, one after the other, the second does not contain
/// less, nor less than readers were told to see.
final class MarksNeverGoBack {
  /// Of a process's replica, the greatest mark of each view's answers.
  static final class OfReplica {
    private final Map<String, Long> greatest = new HashMap<>();

    /// @param visible what readers were told to see
    /// @return what an answer contains at least that is begun now
    long least(String view, long visible) {
      return Math.max(visible, greatest.getOrDefault(view, 0L));
    }

    void answered(String view, StreamPartition shard, long least, long next) {
      if (next < least) {
        throw broken("shard %s answered %s at %d after %d".formatted(shard, view, next, least));
      }
      greatest.merge(view, next, Math::max);
    }
  }

  /// A shard has been opened.
  static void opened(Shard shard, SimLog log) {
    if (shard.next() > log.next()) {
      throw broken("opened at %d, the log ends at %d".formatted(shard.next(), log.next()));
    }
  }

  /// @param after the mark of the query
  void answered(Mark after, Mark answer, SimTopic topic) {
    answer
        .next()
        .forEach(
            (shard, next) -> {
              if (next < after.next(shard)) {
                throw broken("an answer at %s to a query after %s".formatted(answer, after));
              }
              if (next > topic.log(shard.partition()).next()) {
                throw broken("an answer at %s, beyond the log".formatted(answer));
              }
            });
  }

  private static Broken broken(String message) {
    return new Broken(MarksNeverGoBack.class, message);
  }
}
