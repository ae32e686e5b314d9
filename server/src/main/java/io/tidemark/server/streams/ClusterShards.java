package io.tidemark.server.streams;

import io.tidemark.log.Mark;
import io.tidemark.log.StreamPartition;
import io.tidemark.query.Partial;
import io.tidemark.query.ShardQuery;
import io.tidemark.query.Shards;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;

/// All shards of the cluster: asks those of this node, and the nodes that have the others.
///
/// Each shard is asked where it is active. Where that fails (the node is away, the shard has moved)
/// it is looked up again, and its copies are asked in turn, until the deadline; a copy answers like
/// the active shard, only once it has reached the mark.
public final class ClusterShards implements Shards {
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
      question.routing.begin();
      for (Map.Entry<HostInfo, List<Integer>> group : question.route(left, round).entrySet()) {
        question.send(group.getKey(), group.getValue());
      }
      left.removeAll(question.collect());
      if (left.isEmpty()) {
        return question.answers;
      }
      question.routing.awaitNext(question.ids(left), deadlineNanos);
    }
  }

  /// One question under way.
  private final class Question {
    private final String stream;
    private final ShardQuery query;
    private final Mark after;
    private final long deadlineNanos;
    private final Routing routing = new Routing(host, self);
    private final List<Partial> answers = new ArrayList<>();
    private final List<Sent> sent = new ArrayList<>();

    private record Sent(
        HostInfo node, List<Integer> partitions, FutureTask<List<Partial>> answer) {}

    Question(String stream, ShardQuery query, Mark after, long deadlineNanos) {
      this.stream = stream;
      this.query = query;
      this.after = after;
      this.deadlineNanos = deadlineNanos;
    }

    List<StreamPartition> ids(List<Integer> partitions) {
      return partitions.stream().map(p -> new StreamPartition(stream, p)).toList();
    }

    /// Whom to ask about what in a round.
    Map<HostInfo, List<Integer>> route(List<Integer> partitions, int round)
        throws UnavailableException {
      Map<HostInfo, List<Integer>> groups = new HashMap<>();
      for (int partition : partitions) {
        Optional<HostInfo> node = routing.node(new StreamPartition(stream, partition), round);
        node.ifPresent(n -> groups.computeIfAbsent(n, _ -> new ArrayList<>()).add(partition));
      }
      return groups;
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
          routing.failed(question.node(), ids(question.partitions()), e.getCause());
        } catch (InterruptedException e) {
          Thread.currentThread().interrupt();
          throw new UnavailableException("interrupted", e);
        }
      }
      sent.clear();
      return answered;
    }
  }
}
