package io.tidemark.server.streams;

import io.tidemark.log.StreamPartition;
import io.tidemark.query.Queries;
import io.tidemark.query.Shards.NotVisibleException;
import io.tidemark.query.Shards.UnavailableException;
import io.tidemark.query.Shards.ViewFillingException;
import io.tidemark.query.SqlNeeds;
import io.tidemark.query.SqlRefusedException;
import io.tidemark.query.SqlShards;
import io.tidemark.shard.HeldShards;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;

/// All shards of the cluster, for SQL: has other nodes send excerpts of theirs, then holds those of
/// this node.
///
/// A copy that is here, healthy, and has reached the mark is as good as the shard, and nothing has
/// to be sent. All other shards are looked for as [ClusterShards] does. Each shard is part of one
/// excerpt or held, so that what a question sees of it is of one position, whatever moves
/// meanwhile.
public final class ClusterSqlShards implements SqlShards {
  private final ShardHost host;
  private final HostInfo self;
  private final NodeShards here;
  private final ExcerptPeers peers;

  /// @param self this node, as it is known to the others
  public ClusterSqlShards(ShardHost host, HostInfo self, ExcerptPeers peers) {
    this.host = host;
    this.self = self;
    this.here = new NodeShards(host);
    this.peers = peers;
  }

  @Override
  public <T> T read(
      SqlNeeds needs,
      Queries.After after,
      long deadlineNanos,
      Excerpts excerpts,
      HeldShards.Reading<T> reader)
      throws SqlRefusedException, NotVisibleException, UnavailableException, IOException {
    Question question = new Question(needs, after, deadlineNanos, excerpts);
    for (int round = 0; ; round++) {
      question.routing.begin();
      question.route(round);
      if (question.fetch() && question.hasNodes()) {
        Once<T> once = new Once<>(reader);
        try {
          return here.read(question.mine, after, once);
        } catch (UnavailableException e) {
          if (once.begun && !(e instanceof ViewFillingException)) {
            throw e;
          }
          // One has moved before it could be held, or is a copy that is still being filled.
          question.routing.failed(self, question.mine, e);
        }
      }
      // Who has waited long for one node asks another, once.
      long last = round == 0 ? deadlineNanos : after.deadlineNanos();
      question.routing.awaitNext(question.left, last);
    }
  }

  /// Knows whether it has begun to read.
  private static final class Once<T> implements HeldShards.Reading<T> {
    private final HeldShards.Reading<T> reader;
    private boolean begun;

    Once(HeldShards.Reading<T> reader) {
      this.reader = reader;
    }

    @Override
    public T read(HeldShards held) throws IOException {
      begun = true;
      return reader.read(held);
    }
  }

  /// One question under way.
  private final class Question {
    private final SqlNeeds needs;
    private final Queries.After after;
    private final long deadlineNanos;
    private final Excerpts excerpts;
    private final Routing routing = new Routing(host, self);

    /// What no excerpt has.
    private final Set<StreamPartition> left = new LinkedHashSet<>();

    /// Of these, what is to be held here, and what others are to be asked for.
    private final List<StreamPartition> mine = new ArrayList<>();

    private final Map<HostInfo, List<StreamPartition>> theirs = new HashMap<>();

    Question(SqlNeeds needs, Queries.After after, long deadlineNanos, Excerpts excerpts) {
      this.needs = needs;
      this.after = after;
      this.deadlineNanos = deadlineNanos;
      this.excerpts = excerpts;
      needs.streams().forEach(stream -> left.addAll(host.partitions(stream)));
    }

    void route(int round) throws UnavailableException {
      mine.clear();
      theirs.clear();
      for (StreamPartition id : left) {
        if (isCopied(id)) {
          mine.add(id);
          continue;
        }
        routing
            .node(id, round)
            .ifPresent(
                node -> {
                  if (node.equals(self)) {
                    mine.add(id);
                  } else {
                    theirs.computeIfAbsent(node, _ -> new ArrayList<>()).add(id);
                  }
                });
      }
    }

    /// Whether it is here, has reached the mark, and is not behind either.
    private boolean isCopied(StreamPartition id) {
      return routing.isOpen(id, self)
          && here.answers(id, after.mark().next(id))
          && host.health(id).filter(h -> h.reason().isEmpty()).isPresent();
    }

    /// Whether all that no excerpt has is to be held here.
    boolean hasNodes() {
      return mine.size() == left.size();
    }

    /// Asks all others at once.
    ///
    /// @return whether all of them have sent what they have
    boolean fetch() throws SqlRefusedException, NotVisibleException, UnavailableException {
      Map<HostInfo, FutureTask<Runnable>> fetching = new HashMap<>();
      theirs.forEach(
          (node, shards) -> {
            FutureTask<Runnable> one =
                new FutureTask<>(
                    () -> peers.fetch(node, needs, shards, after, deadlineNanos, excerpts));
            fetching.put(node, one);
            var _ = Thread.startVirtualThread(one);
          });
      boolean all = true;
      try {
        for (Map.Entry<HostInfo, FutureTask<Runnable>> one : fetching.entrySet()) {
          List<StreamPartition> shards = theirs.getOrDefault(one.getKey(), List.of());
          try {
            // Now, and not before, it is certain that nobody else is asked for them.
            one.getValue().get().run();
            shards.forEach(left::remove);
          } catch (ExecutionException e) {
            if (e.getCause() instanceof SqlRefusedException refusal) {
              throw refusal;
            }
            routing.failed(one.getKey(), shards, e.getCause());
            all = false;
          }
        }
        return all;
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new UnavailableException("interrupted", e);
      } finally {
        // Whose answer nobody waits for any more.
        fetching.values().forEach(f -> f.cancel(true));
      }
    }
  }
}
