package io.tidemark.server.streams;

import io.tidemark.log.Mark;
import io.tidemark.log.StreamPartition;
import io.tidemark.query.LocalShards;
import io.tidemark.query.Partial;
import io.tidemark.query.ShardQuery;
import io.tidemark.query.Shards;
import io.tidemark.shard.Shard;
import io.tidemark.shard.ShardClosedException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/// The shards of this node only: what a request from another node is answered from. A standby
/// answers too; who asks for it knows why.
public final class NodeShards implements Shards {
  private final Registry registry;

  public NodeShards(ShardHost host) {
    this.registry = host.registry();
  }

  @Override
  public List<Partial> ask(
      String stream, List<Integer> partitions, ShardQuery query, Mark after, long deadlineNanos)
      throws NotVisibleException, UnavailableException {
    List<Shard> shards = new ArrayList<>(partitions.size());
    try {
      for (int partition : partitions) {
        StreamPartition id = new StreamPartition(stream, partition);
        HostedShard shard =
            registry
                .find(id)
                .orElseThrow(() -> new UnavailableException("shard " + id + notHere(id)));
        shard.progress().awaitAnswerable(after.next(id), deadlineNanos);
        shards.add(shard.shard());
      }
      return List.of(LocalShards.ask(query, shards));
    } catch (ShardClosedException e) {
      throw new UnavailableException(e.getMessage() + ": it is moving", e);
    } catch (IOException e) {
      throw new UnavailableException("shards of " + stream + " cannot be read: " + e, e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new UnavailableException("interrupted", e);
    }
  }

  private String notHere(StreamPartition id) {
    String why = registry.failures().get(id);
    return why == null ? " is not on this node" : " " + why;
  }
}
