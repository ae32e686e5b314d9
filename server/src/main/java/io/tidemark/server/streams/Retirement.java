package io.tidemark.server.streams;

import io.tidemark.app.Catalog;
import io.tidemark.app.RollupSpec;
import io.tidemark.app.StreamSpec;
import io.tidemark.app.TimelineSpec;
import io.tidemark.app.ViewSpec;
import io.tidemark.log.Mark;
import io.tidemark.log.StreamPartition;
import io.tidemark.query.ShardQuery;
import io.tidemark.query.Shards.NotVisibleException;
import io.tidemark.query.Shards.UnavailableException;
import io.tidemark.rollup.RollupQuery;
import io.tidemark.shard.Shard;
import io.tidemark.timeline.TimelineQuery;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Lets the views of this node go that changed ones have taken the place of, once those answer on
/// all copies of all shards: until then somebody may need the earlier ones of all shards.
public final class Retirement implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Retirement.class);
  private static final long EVERY_MS = 2_000;
  private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(5);

  private final Catalog catalog;
  private final ShardHost host;
  private final HostInfo self;
  private final NodeShards here;
  private final Peers peers;
  private final ScheduledExecutorService thread =
      Executors.newSingleThreadScheduledExecutor(
          task -> Thread.ofPlatform().name("tidemark-retire").daemon().unstarted(task));

  private Retirement(Catalog catalog, ShardHost host, HostInfo self, Peers peers) {
    this.catalog = catalog;
    this.host = host;
    this.self = self;
    this.here = new NodeShards(host);
    this.peers = peers;
  }

  /// Begins to look.
  ///
  /// @param self this node, as it is known to the others
  public static Retirement start(Catalog catalog, ShardHost host, HostInfo self, Peers peers) {
    Retirement retirement = new Retirement(catalog, host, self, peers);
    var _ =
        retirement.thread.scheduleWithFixedDelay(
            retirement::look, EVERY_MS, EVERY_MS, TimeUnit.MILLISECONDS);
    return retirement;
  }

  private void look() {
    try {
      Set<String> replaced = new LinkedHashSet<>();
      for (ShardHost.LocalShard local : host.locals()) {
        replaced.addAll(local.shard().backfilling().earlier().replaced());
      }
      for (String name : replaced) {
        ViewSpec view = catalog.view(name).orElseThrow();
        if (answersEverywhere(view)) {
          retire(view);
        }
      }
    } catch (RuntimeException e) {
      log.warn("whether changed views answer everywhere cannot be seen; it is tried again", e);
    }
  }

  private void retire(ViewSpec view) {
    for (ShardHost.LocalShard local : host.locals()) {
      Shard shard = local.shard();
      if (shard.id().stream().equals(view.stream())) {
        shard.backfilling().earlier().retire(view.name());
      }
    }
    log.info("view {} answers as it is declared now; what it was before goes", view.name());
  }

  /// Whether a view answers on all nodes, as far as is known which there are.
  private boolean answersEverywhere(ViewSpec view) {
    Map<HostInfo, List<Integer>> copies = new HashMap<>();
    for (StreamPartition id : host.partitions(view.stream())) {
      if (host.activeHost(id).isEmpty()) {
        return false;
      }
      Set<HostInfo> nodes = new LinkedHashSet<>(host.standbyHosts(id));
      host.activeHost(id).ifPresent(nodes::add);
      nodes.forEach(n -> copies.computeIfAbsent(n, _ -> new ArrayList<>()).add(id.partition()));
    }
    return copies.entrySet().stream().allMatch(e -> answers(e.getKey(), view, e.getValue()));
  }

  private boolean answers(HostInfo node, ViewSpec view, List<Integer> partitions) {
    ShardQuery query = nothingOf(view, catalog.streamOf(view));
    long deadline = System.nanoTime() + PATIENCE_NANOS;
    try {
      var _ =
          node.equals(self)
              ? here.ask(view.stream(), partitions, query, Mark.NONE, deadline)
              : peers.ask(node, view.stream(), partitions, query, Mark.NONE, deadline);
      return true;
    } catch (NotVisibleException | UnavailableException e) {
      log.debug("view {} does not answer on {}", view.name(), node, e);
      return false;
    }
  }

  /// A question about no time at all.
  private static ShardQuery nothingOf(ViewSpec view, StreamSpec stream) {
    return switch (view) {
      case RollupSpec rollup ->
          new ShardQuery.OfRollup(
              rollup.name(),
              rollup.definition(stream.type()),
              new RollupQuery(0, 0, rollup.everyMicros(), List.of(), List.of(), List.of(0), 1));
      case TimelineSpec timeline ->
          new ShardQuery.OfTimeline(
              timeline.name(),
              timeline.definition(stream.type()),
              new TimelineQuery(new byte[0], 0, 0, List.of(), 1));
    };
  }

  @Override
  public void close() {
    thread.shutdownNow();
  }
}
