package io.tidemark.shard.sim;

import io.tidemark.log.Mark;
import io.tidemark.query.LocalShards;
import io.tidemark.query.Partial;
import io.tidemark.query.ShardQuery;
import io.tidemark.query.Shards;
import io.tidemark.shard.Shard;
import java.io.IOException;
import java.util.List;

/// All shards of a stream in one process, where nothing goes wrong.
///
/// @param shards by partition
public record LocalNode(List<Shard> shards) implements Shards {
  public LocalNode {
    shards = List.copyOf(shards);
  }

  @Override
  public List<Partial> ask(
      String stream, List<Integer> partitions, ShardQuery query, Mark after, long deadlineNanos)
      throws UnavailableException {
    return answer(query, partitions.stream().map(shards::get).toList());
  }

  /// One shard, which answers for all.
  static Shards alone(Shard shard) {
    return (_, _, query, _, _) -> answer(query, List.of(shard));
  }

  private static List<Partial> answer(ShardQuery query, List<Shard> shards)
      throws UnavailableException {
    try {
      return List.of(LocalShards.ask(query, shards));
    } catch (IOException e) {
      throw new UnavailableException("nothing goes wrong here", e);
    }
  }
}
