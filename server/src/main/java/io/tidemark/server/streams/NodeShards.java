package io.tidemark.server.streams;

import io.tidemark.log.Mark;
import io.tidemark.log.StreamPartition;
import io.tidemark.query.LocalShards;
import io.tidemark.query.Partial;
import io.tidemark.query.ShardQuery;
import io.tidemark.query.Shards;
import io.tidemark.shard.DamagedException;
import io.tidemark.shard.ShardClosedException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;

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
    List<HostedShard> hosted = new ArrayList<>(partitions.size());
    try {
      for (int partition : partitions) {
        StreamPartition id = new StreamPartition(stream, partition);
        HostedShard shard = registry.find(id).orElseThrow(() -> notHere(id));
        shard.progress().awaitAnswerable(after.next(id), deadlineNanos);
        hosted.add(shard);
      }
      return List.of(LocalShards.ask(query, hosted.stream().map(HostedShard::shard).toList()));
    } catch (DamagedException e) {
      hosted.stream()
          .filter(s -> s.id().equals(e.shard()))
          .forEach(s -> s.damaged(String.valueOf(e.getMessage())));
      throw new DataDamagedException(e.getMessage() + HostedShard.MENDING);
    } catch (ShardClosedException e) {
      throw new UnavailableException(e.getMessage() + ": it is moving", e);
    } catch (IOException e) {
      throw new UnavailableException("shards of " + stream + " cannot be read: " + e, e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new UnavailableException("interrupted", e);
    }
  }

  private UnavailableException notHere(StreamPartition id) {
    Registry.Failure failure = registry.failures().get(id);
    if (failure == null) {
      return new UnavailableException("shard " + id + " is not on this node");
    }
    String message = "shard " + id + " " + failure.why();
    return switch (failure.kind()) {
      case PASSING -> new UnavailableException(message);
      case CLOSED -> new UnavailableException(message, OptionalInt.of(id.partition()));
      case DAMAGED -> new DataDamagedException(message, OptionalInt.of(id.partition()));
    };
  }
}
