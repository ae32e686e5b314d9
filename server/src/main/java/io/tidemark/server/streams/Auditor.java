package io.tidemark.server.streams;

import io.tidemark.app.EarlierView;
import io.tidemark.app.ViewSpec;
import io.tidemark.log.StreamPartition;
import io.tidemark.shard.DamagedException;
import io.tidemark.shard.HeldShards;
import io.tidemark.shard.ShardClosedException;
import io.tidemark.shard.Verification;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Compares samples of this node's views with their events, one after another, all the time: what
/// no checksum shows, since it was written wrong. What lies in the archive is not fetched for that.
final class Auditor implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Auditor.class);

  /// Of the time, this share is spent on audits at most.
  private static final int ONE_IN = 50;

  private static final long LEAST_PAUSE_MS = 1000;

  private final Registry registry;
  private final HostMetrics metrics;
  private final RandomGenerator random = RandomGenerator.getDefault();
  private final Queue<Sample> round = new ArrayDeque<>();
  private final ScheduledExecutorService thread =
      Executors.newSingleThreadScheduledExecutor(
          task -> Thread.ofPlatform().name("tidemark-audit").daemon().unstarted(task));

  private record Sample(HostedShard shard, String view) {
    /// One that another view has taken the place of goes.
    boolean isThere() {
      return !EarlierView.isNameOfOne(view)
          || shard.shard().backfilling().earlier().names().contains(view);
    }
  }

  Auditor(Registry registry, HostMetrics metrics) {
    this.registry = registry;
    this.metrics = metrics;
  }

  void start() {
    next(LEAST_PAUSE_MS);
  }

  private void next(long delayMs) {
    if (!thread.isShutdown()) {
      var _ = thread.schedule(this::sample, delayMs, TimeUnit.MILLISECONDS);
    }
  }

  private void sample() {
    long start = System.nanoTime();
    if (round.isEmpty()) {
      registry.all().forEach(this::list);
    }
    Sample sample = round.poll();
    if (sample != null && sample.isThere() && !sample.shard().progress().isLost()) {
      audit(sample);
    }
    long tookMs = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start);
    next(Math.max(LEAST_PAUSE_MS, tookMs * (ONE_IN - 1)));
  }

  private void list(HostedShard shard) {
    round.add(new Sample(shard, Verification.TABLE));
    for (ViewSpec view : shard.shard().spec().views()) {
      round.add(new Sample(shard, view.name()));
    }
  }

  private void audit(Sample sample) {
    HostedShard shard = sample.shard();
    try {
      tell(HeldShards.readingForLong(List.of(shard.shard()), held -> audit(held, sample)));
    } catch (ShardClosedException _) {
      // It is on its way to another node.
    } catch (IOException | RuntimeException e) {
      DamagedException.in(e)
          .ifPresentOrElse(
              shard::damaged,
              () -> log.warn("shard {}: {} cannot be audited", shard.id(), sample.view(), e));
    }
  }

  private Verification.Report audit(HeldShards held, Sample sample) throws IOException {
    StreamPartition id = sample.shard().id();
    Verification verification = held.verify(id, sample.view(), held.hereFrom(id), Long.MAX_VALUE);
    verification.seek(random.nextDouble());
    boolean _ = verification.step();
    return verification.report();
  }

  private void tell(Verification.Report report) {
    metrics.audited(report);
    if (report.different() > 0) {
      log.error(
          "shard {}: {} differs from its events in {} of {} places, the first: {}; see tidemark verify",
          report.shard(),
          report.view(),
          report.different(),
          report.compared(),
          report.told().getFirst());
    }
  }

  @Override
  public void close() {
    thread.shutdownNow();
  }
}
