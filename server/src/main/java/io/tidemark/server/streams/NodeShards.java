package io.tidemark.server.streams;

import io.tidemark.archive.ArchiveException;
import io.tidemark.log.Mark;
import io.tidemark.log.StreamPartition;
import io.tidemark.query.LocalShards;
import io.tidemark.query.Partial;
import io.tidemark.query.Queries;
import io.tidemark.query.ShardQuery;
import io.tidemark.query.Shards;
import io.tidemark.query.Snapshots;
import io.tidemark.shard.DamagedException;
import io.tidemark.shard.FillingException;
import io.tidemark.shard.HeldShards;
import io.tidemark.shard.Shard;
import io.tidemark.shard.ShardClosedException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;

/// The shards of this node only: what a request from another node is answered from. A standby
/// answers too; who asks for it knows why.
public final class NodeShards implements Shards, Snapshots {
  private final Registry registry;

  public NodeShards(ShardHost host) {
    this.registry = host.registry();
  }

  @Override
  public List<Partial> ask(
      String stream, List<Integer> partitions, ShardQuery query, Mark after, long deadlineNanos)
      throws NotVisibleException, UnavailableException {
    List<StreamPartition> ids =
        partitions.stream().map(p -> new StreamPartition(stream, p)).toList();
    try {
      Partial answer = asking(ids, after, deadlineNanos, s -> ask(query, s));
      return List.of(answer);
    } catch (IOException e) {
      throw new UnavailableException("shards of " + stream + " cannot be read: " + e, e);
    }
  }

  /// Who looks through all events, or may have to fetch files, may read for long.
  private static Partial ask(ShardQuery query, List<Shard> shards) throws IOException {
    return query instanceof ShardQuery.OfEvents
        ? HeldShards.readingForLong(shards, _ -> LocalShards.ask(query, shards))
        : LocalShards.ask(query, shards);
  }

  @Override
  public <T> T read(
      Collection<StreamPartition> shards, Queries.After after, HeldShards.Reading<T> reader)
      throws NotVisibleException, UnavailableException, IOException {
    return asking(
        List.copyOf(shards),
        after.mark(),
        after.deadlineNanos(),
        found -> HeldShards.readingForLong(found, reader));
  }

  /// Whether a shard is here and need not be waited for.
  ///
  /// @param next the next offset that readers must see
  boolean answers(StreamPartition id, long next) {
    return registry
        .find(id)
        .filter(s -> s.progress().hasCaughtUp() && s.shard().visibleNext() >= next)
        .isPresent();
  }

  /// What is done with shards that may answer.
  private interface Asking<T> {
    T ask(List<Shard> shards) throws IOException;
  }

  private <T> T asking(List<StreamPartition> ids, Mark after, long deadlineNanos, Asking<T> asking)
      throws NotVisibleException, UnavailableException, IOException {
    List<HostedShard> hosted = new ArrayList<>(ids.size());
    try {
      for (StreamPartition id : ids) {
        HostedShard shard = registry.find(id).orElseThrow(() -> notHere(id));
        shard.progress().awaitAnswerable(after.next(id), deadlineNanos);
        hosted.add(shard);
      }
      return asking.ask(hosted.stream().map(HostedShard::shard).toList());
    } catch (FillingException e) {
      throw new ViewFillingException(
          String.valueOf(e.getMessage()), Optional.of(e.shard()), e.view(), e.earlier());
    } catch (ArchiveException e) {
      throw new UnavailableException(String.valueOf(e.getMessage()), e);
    } catch (DamagedException e) {
      hosted.stream()
          .filter(s -> s.id().equals(e.shard()))
          .forEach(s -> s.damaged(String.valueOf(e.getMessage())));
      throw new DataDamagedException(e.getMessage() + HostedShard.MENDING);
    } catch (ShardClosedException e) {
      throw new UnavailableException(e.getMessage() + ": it is moving", e);
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
      case CLOSED -> new UnavailableException(message, Optional.of(id));
      case DAMAGED -> new DataDamagedException(message, Optional.of(id));
    };
  }
}
