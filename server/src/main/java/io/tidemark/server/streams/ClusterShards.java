package io.tidemark.server.streams;

import io.tidemark.log.Mark;
import io.tidemark.log.StreamPartition;
import io.tidemark.query.Partial;
import io.tidemark.query.ShardQuery;
import io.tidemark.query.Shards;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// All shards of the cluster: asks those of this node, and the nodes that have the others.
///
/// Each shard is asked where it is active. Where that fails (the node is away, the shard has moved)
/// it is looked up again, and its copies are asked in turn, until the deadline; a copy answers like
/// the active shard, only once it has reached the mark. Where a shard stays closed on all nodes
/// that have it, there is nothing to wait for.
public final class ClusterShards implements Shards {
  /// Between two rounds, so that a shard which moves does not keep the processor busy.
  private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(20);

  private final ShardHost host;
  private final HostInfo self;
  private final NodeShards here;
  private final Peers peers;

  /// @param self this node, as it is known to the others
  public ClusterShards(ShardHost host, HostInfo self, Peers peers) {
    this.host = host;
    this.self = self;
    this.here = new NodeShards(host);
    this.peers = peers;
  }

  @Override
  public List<Partial> ask(
      String stream, List<Integer> partitions, ShardQuery query, Mark after, long deadlineNanos)
      throws NotVisibleException, UnavailableException {
    Question question = new Question(stream, query, after, deadlineNanos);
    List<Integer> left = new ArrayList<>(partitions);
    for (int round = 0; ; round++) {
      question.failure = null;
      for (Map.Entry<HostInfo, List<Integer>> group : question.route(left, round).entrySet()) {
        question.send(group.getKey(), group.getValue());
      }
      left.removeAll(question.collect());
      if (left.isEmpty()) {
        return question.answers;
      }
      if (host.isClosed()) {
        // It would never learn where the shards are now.
        throw new UnavailableException("this node has ended");
      }
      if (deadlineNanos - System.nanoTime() <= PAUSE_NANOS) {
        throw question.failure != null
            ? question.failure
            : new UnavailableException("no answer from shards " + left + " of " + stream);
      }
      pause();
    }
  }

  private static void pause() throws UnavailableException {
    try {
      TimeUnit.NANOSECONDS.sleep(PAUSE_NANOS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new UnavailableException("interrupted", e);
    }
  }

  /// One question under way.
  private final class Question {
    private final String stream;
    private final ShardQuery query;
    private final Mark after;
    private final long deadlineNanos;
    private final List<Partial> answers = new ArrayList<>();
    private final List<Sent> sent = new ArrayList<>();

    /// By partition, the nodes on which it stays closed, and what they have said.
    private final Map<Integer, Map<HostInfo, UnavailableException>> closed = new HashMap<>();

    private @Nullable UnavailableException failure;

    private record Sent(
        HostInfo node, List<Integer> partitions, FutureTask<List<Partial>> answer) {}

    Question(String stream, ShardQuery query, Mark after, long deadlineNanos) {
      this.stream = stream;
      this.query = query;
      this.after = after;
      this.deadlineNanos = deadlineNanos;
    }

    /// Whom to ask about what in a round.
    Map<HostInfo, List<Integer>> route(List<Integer> partitions, int round)
        throws UnavailableException {
      Map<HostInfo, List<Integer>> groups = new HashMap<>();
      for (int partition : partitions) {
        StreamPartition id = new StreamPartition(stream, partition);
        List<HostInfo> candidates = new ArrayList<>();
        if (host.local(id).filter(s -> s.role() != Role.STANDBY).isPresent()) {
          candidates.add(self);
        } else {
          host.activeHost(id).ifPresent(candidates::add);
          candidates.addAll(host.standbyHosts(id));
        }
        if (candidates.isEmpty()) {
          failure = new UnavailableException("shard " + id + " has no node just now");
        } else {
          requireOpen(partition, candidates);
          groups
              .computeIfAbsent(candidates.get(round % candidates.size()), _ -> new ArrayList<>())
              .add(partition);
        }
      }
      return groups;
    }

    private void requireOpen(int partition, List<HostInfo> nodes) throws UnavailableException {
      Map<HostInfo, UnavailableException> said = closed.getOrDefault(partition, Map.of());
      if (said.keySet().containsAll(nodes)) {
        throw said.values().iterator().next();
      }
    }

    void send(HostInfo node, List<Integer> partitions) {
      FutureTask<List<Partial>> task =
          new FutureTask<>(
              () ->
                  node.equals(self)
                      ? here.ask(stream, partitions, query, after, deadlineNanos)
                      : peers.ask(node, stream, partitions, query, after, deadlineNanos));
      sent.add(new Sent(node, partitions, task));
      if (!node.equals(self)) {
        var _ = Thread.startVirtualThread(task);
      }
    }

    /// Answers what is to be answered here while the others work.
    ///
    /// @return the partitions that have been answered
    List<Integer> collect() throws NotVisibleException, UnavailableException {
      List<Integer> answered = new ArrayList<>();
      for (Sent question : sent) {
        try {
          // Nothing but this node's own part is left to run here.
          question.answer().run();
          answers.addAll(question.answer().get());
          answered.addAll(question.partitions());
        } catch (ExecutionException e) {
          failed(question.node(), e.getCause());
        } catch (InterruptedException e) {
          Thread.currentThread().interrupt();
          throw new UnavailableException("interrupted", e);
        }
      }
      sent.clear();
      return answered;
    }

    private void failed(HostInfo node, @Nullable Throwable cause)
        throws NotVisibleException, ViewFillingException {
      if (cause instanceof ViewFillingException e) {
        // That takes longer than anybody waits for an answer.
        throw e;
      } else if (cause instanceof UnavailableException e) {
        failure = e;
        e.closed()
            .ifPresent(p -> closed.computeIfAbsent(p, _ -> new LinkedHashMap<>()).put(node, e));
      } else if (cause instanceof NotVisibleException e) {
        throw e;
      } else if (cause instanceof RuntimeException e) {
        throw e;
      } else {
        throw new IllegalStateException(cause);
      }
    }
  }
}
