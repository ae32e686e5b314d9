package io.tidemark.shard.sim;

import io.tidemark.app.EarlierView;
import io.tidemark.app.ViewSpec;
import io.tidemark.log.Mark;
import io.tidemark.log.StreamPartition;
import io.tidemark.query.LocalShards;
import io.tidemark.query.Partial;
import io.tidemark.query.Queries;
import io.tidemark.query.ShardQuery;
import io.tidemark.query.Shards;
import io.tidemark.shard.FillingException;
import io.tidemark.shard.Shard;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.function.Predicate;

/// Who sends events and asks questions, of any node that has the shards: the owner, a standby, or a
/// former owner that does not know it yet.
final class Clients {
  private static final int ALL = -1;

  private final World world;
  private final List<SimNode> nodes;
  private final SplittableRandom random;
  private final ViewsEqualTheModelAtTheirMark views;
  private final MarksNeverGoBack marks = new MarksNeverGoBack();

  /// What a client knows that passes on every mark it gets.
  private Mark known = Mark.NONE;

  private int asking;

  Clients(World world, List<SimNode> nodes, Plan plan) {
    this.world = world;
    this.nodes = nodes;
    this.random = plan.random("clients");
    this.views =
        new ViewsEqualTheModelAtTheirMark(world.stream, world.topic, plan.random("questions"));
  }

  void send(int count) {
    known = known.and(world.topic.append(count));
  }

  /// Whether a question is being answered.
  boolean areAsking() {
    return asking > 0;
  }

  /// Asks a question and judges the answer, if one comes.
  ///
  /// @param reachable which nodes can be asked just now
  /// @return whether an answer came
  boolean ask(Predicate<SimNode> reachable) {
    return ask(
        new Cluster(reachable, ALL), random.nextBoolean() ? known : Mark.NONE, world.declared());
  }

  /// Asks one shard alone, although it has not caught up: a host would not let it answer yet, but
  /// what it says is right at any time, also of views that are ahead.
  boolean ask(SimNode node, Replica replica) {
    return ask(
        new Cluster(n -> n == node, replica.shard().id().partition()),
        Mark.NONE,
        replica.askable());
  }

  private boolean ask(Cluster cluster, Mark after, List<ViewSpec> asked) {
    asking++;
    try {
      Mark mark =
          views.check(
              new ViewsEqualTheModelAtTheirMark.Asked(
                  world.queries(cluster), asked, cluster::missed, new Queries.After(after, 0)));
      marks.answered(restricted(after, mark), mark, world.topic);
      known = known.and(mark);
      Trace.covered("answered");
      return true;
    } catch (Shards.NotVisibleException _) {
      Trace.covered("not visible yet");
    } catch (Shards.UnavailableException _) {
      Trace.covered("unavailable");
    } finally {
      asking--;
    }
    return false;
  }

  /// A question is about the partitions that its answer's mark names.
  private static Mark restricted(Mark after, Mark answer) {
    Map<StreamPartition, Long> next = new HashMap<>(after.next());
    next.keySet().retainAll(answer.next().keySet());
    return new Mark(next);
  }

  /// The shards, wherever they are, for one question.
  private final class Cluster implements Shards {
    private final Predicate<SimNode> reachable;
    private final int only;

    /// Who has answered for which partition.
    private final Map<Integer, Replica> answered = new HashMap<>();

    /// @param only the partition that answers, or [#ALL]
    Cluster(Predicate<SimNode> reachable, int only) {
      this.reachable = reachable;
      this.only = only;
    }

    Missed missed(String view, int partition) {
      return Objects.requireNonNull(answered.get(partition)).missed(view);
    }

    @Override
    public List<Partial> ask(
        String stream, List<Integer> partitions, ShardQuery query, Mark after, long deadlineNanos)
        throws NotVisibleException, UnavailableException {
      Map<SimNode, List<Integer>> route = new LinkedHashMap<>();
      for (int partition : partitions) {
        if (only == ALL || only == partition) {
          route.computeIfAbsent(node(partition), _ -> new ArrayList<>()).add(partition);
        }
      }
      List<Partial> partials = new ArrayList<>();
      for (Map.Entry<SimNode, List<Integer>> part : route.entrySet()) {
        partials.add(ask(part.getKey(), part.getValue(), query, after));
      }
      return partials;
    }

    private SimNode node(int partition) throws UnavailableException {
      List<SimNode> having =
          nodes.stream().filter(reachable).filter(n -> n.replica(partition) != null).toList();
      if (having.isEmpty()) {
        throw new UnavailableException("nobody has " + partition);
      }
      return having.get(random.nextInt(having.size()));
    }

    private Partial ask(SimNode node, List<Integer> partitions, ShardQuery query, Mark after)
        throws NotVisibleException, UnavailableException {
      List<Replica> replicas = new ArrayList<>();
      for (int partition : partitions) {
        // Others may have acted since it was chosen.
        Replica replica = node.replica(partition);
        if (replica == null || !reachable.test(node)) {
          throw new UnavailableException("it is moving");
        }
        long least = only == ALL ? replica.answersAt() : 0;
        long wanted = Math.max(least, after.next(replica.shard().id()));
        boolean waits = random.nextInt(4) > 0;
        if (waits && replica.shard().visibleNext() < wanted) {
          boolean _ =
              node.run(
                  () -> {
                    replica.poll(100, false);
                    replica.publish();
                  });
        }
        if (replica.shard().visibleNext() < wanted) {
          throw new NotVisibleException("not yet");
        }
        replicas.add(replica);
      }
      for (Replica replica : replicas) {
        if (node.replica(replica.shard().id().partition()) != replica) {
          throw new UnavailableException("it is moving");
        }
      }
      String view = view(query);
      Map<Replica, Long> least = new HashMap<>();
      replicas.forEach(r -> least.put(r, r.marks().least(view, r.shard().visibleNext())));
      List<Shard> shards = replicas.stream().map(Replica::shard).toList();
      List<Partial> answer = new ArrayList<>();
      replicas.forEach(r -> r.readBy(1));
      List<FillingException> filling = new ArrayList<>();
      boolean answers;
      try {
        answers = node.run(() -> ask(query, shards, answer, filling));
      } finally {
        replicas.forEach(r -> r.readBy(-1));
      }
      if (!filling.isEmpty()) {
        FillingException e = filling.getFirst();
        throw new ViewFillingException(e.toString(), Optional.empty(), e.view(), e.earlier());
      }
      if (!answers) {
        throw new UnavailableException("its node failed");
      }
      Mark mark = answer.getFirst().mark();
      for (Replica replica : replicas) {
        StreamPartition shard = replica.shard().id();
        replica
            .marks()
            .answered(view, shard, Objects.requireNonNull(least.get(replica)), mark.next(shard));
        answered.put(shard.partition(), replica);
        if (EarlierView.isNameOfOne(view)) {
          Trace.covered("answered as it was declared before");
        }
        if (mark.next(shard) > replica.shard().visibleNext()) {
          Trace.covered("answered by a view that is ahead");
        }
      }
      return answer.getFirst();
    }

    private void ask(
        ShardQuery query, List<Shard> shards, List<Partial> answer, List<FillingException> filling)
        throws IOException {
      try {
        answer.add(LocalShards.ask(query, shards));
      } catch (FillingException e) {
        filling.add(e);
        Trace.covered("being filled");
      }
    }

    private String view(ShardQuery query) {
      return switch (query) {
        case ShardQuery.OfTimeline q -> q.view();
        case ShardQuery.OfRollup q -> q.view();
        case ShardQuery.OfEvents _ -> ViewsEqualTheModelAtTheirMark.TABLE;
      };
    }
  }
}
