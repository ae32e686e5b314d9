package io.tidemark.server.streams;

import io.tidemark.log.StreamPartition;
import io.tidemark.query.Shards.NotVisibleException;
import io.tidemark.query.Shards.UnavailableException;
import io.tidemark.query.Shards.ViewFillingException;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// Whom one question asks about which shard, round after round: the node on which it is active, and
/// where that has failed, it and its copies in turn. Where a shard stays closed on all nodes that
/// have it, or a view is being filled on all of them, there is nothing to wait for.
final class Routing {
  /// Between two rounds, so that a shard which moves does not keep the processor busy.
  private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(20);

  private final ShardHost host;
  private final HostInfo self;

  /// By shard, the nodes on which it stays closed, and what they have said.
  private final Map<StreamPartition, Map<HostInfo, UnavailableException>> closed = new HashMap<>();

  private @Nullable UnavailableException failure;

  /// @param self this node, as it is known to the others
  Routing(ShardHost host, HostInfo self) {
    this.host = host;
    this.self = self;
  }

  /// A round begins.
  void begin() {
    failure = null;
  }

  /// Whom to ask about a shard; nobody where it has no node just now.
  ///
  /// @throws UnavailableException where there is nothing to wait for
  Optional<HostInfo> node(StreamPartition id, int round) throws UnavailableException {
    Map<HostInfo, UnavailableException> said = closed.getOrDefault(id, Map.of());
    if (isActiveHere(id) && !said.containsKey(self)) {
      return Optional.of(self);
    }
    Set<HostInfo> candidates = candidates(id);
    if (candidates.isEmpty()) {
      failure = new UnavailableException("shard " + id + " has no node just now");
      return Optional.empty();
    }
    requireOpen(said, candidates);
    List<HostInfo> open = candidates.stream().filter(n -> !said.containsKey(n)).toList();
    return Optional.of(open.get(round % open.size()));
  }

  private boolean isActiveHere(StreamPartition id) {
    return host.local(id).filter(s -> s.role() != Role.STANDBY).isPresent();
  }

  /// The nodes that have a shard, this one first where it is active here.
  private Set<HostInfo> candidates(StreamPartition id) {
    Set<HostInfo> candidates = new LinkedHashSet<>();
    if (isActiveHere(id)) {
      candidates.add(self);
    }
    host.activeHost(id).ifPresent(candidates::add);
    candidates.addAll(host.standbyHosts(id));
    return candidates;
  }

  /// @throws UnavailableException where a shard stays closed on all nodes that have it
  private static void requireOpen(
      Map<HostInfo, UnavailableException> said, Set<HostInfo> candidates)
      throws UnavailableException {
    if (!candidates.isEmpty() && said.keySet().containsAll(candidates)) {
      // Of some a caller can make more than of others.
      throw said.values().stream()
          .filter(e -> e instanceof ViewFillingException filling && filling.earlier().isPresent())
          .findFirst()
          .orElseGet(() -> said.values().iterator().next());
    }
  }

  /// Whether a node has not said yet that it stays closed there.
  boolean isOpen(StreamPartition id, HostInfo node) {
    return !closed.getOrDefault(id, Map.of()).containsKey(node);
  }

  /// A node has not answered, or has no answer; throws what it has said where asking others is of
  /// no use.
  ///
  /// @param asked about
  void failed(HostInfo node, Collection<StreamPartition> asked, @Nullable Throwable cause)
      throws NotVisibleException {
    switch (cause) {
      case UnavailableException e -> {
        failure = e;
        e.closed()
            .filter(asked::contains)
            .ifPresent(id -> closed.computeIfAbsent(id, _ -> new LinkedHashMap<>()).put(node, e));
      }
      case NotVisibleException e -> throw e;
      case RuntimeException e -> throw e;
      case null, default -> throw new IllegalStateException(cause);
    }
  }

  /// Waits for the next round.
  ///
  /// @param left what has no answer yet
  /// @throws UnavailableException where there is no time for one
  void awaitNext(Collection<StreamPartition> left, long deadlineNanos) throws UnavailableException {
    if (host.isClosed()) {
      // It would never learn where the shards are now.
      throw new UnavailableException("this node has ended");
    }
    for (StreamPartition id : left) {
      Map<HostInfo, UnavailableException> said = closed.get(id);
      if (said != null) {
        requireOpen(said, candidates(id));
      }
    }
    if (deadlineNanos - System.nanoTime() <= PAUSE_NANOS) {
      throw failure != null ? failure : new UnavailableException("no answer from shards " + left);
    }
    try {
      TimeUnit.NANOSECONDS.sleep(PAUSE_NANOS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new UnavailableException("interrupted", e);
    }
  }
}
