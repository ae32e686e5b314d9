package io.tidemark.server.streams;

import io.tidemark.shard.Checkpoint;
import io.tidemark.shard.DamagedException;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Runs checkpoints on threads of their own, again after failures until they succeed or their shard
/// is closed.
final class Checkpoints implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Checkpoints.class);
  private static final int THREADS = 2;
  private static final long FIRST_BACKOFF_MS = 500;
  private static final long MAX_BACKOFF_MS = 30_000;

  private final HostMetrics metrics;
  private final Consumer<HostedShard> afterwards;
  private final ScheduledThreadPoolExecutor pool;
  private final Map<HostedShard, Job> jobs = new ConcurrentHashMap<>();

  /// @param afterwards is called with each shard whose checkpoint has succeeded
  Checkpoints(HostMetrics metrics, Consumer<HostedShard> afterwards) {
    this.metrics = metrics;
    this.afterwards = afterwards;
    this.pool =
        new ScheduledThreadPoolExecutor(
            THREADS,
            Thread.ofPlatform().name("tidemark-checkpoint-", 1).daemon().factory(),
            // After the end of checkpoints there is nothing more to write.
            new ThreadPoolExecutor.DiscardPolicy());
  }

  void submit(HostedShard shard, Checkpoint checkpoint) {
    Job job = new Job(shard, checkpoint);
    jobs.put(shard, job);
    pool.execute(job);
  }

  /// Returns when no checkpoint of a shard runs or will run.
  void settle(HostedShard shard) {
    Job job = jobs.get(shard);
    if (job != null) {
      job.cancel();
    }
  }

  /// Waits until the checkpoints that were submitted have succeeded, or the deadline.
  void awaitAll(long deadlineNanos) throws InterruptedException {
    for (Job job : jobs.values()) {
      job.await(deadlineNanos);
    }
  }

  /// Has something else done besides.
  void schedule(Runnable task, Duration delay) {
    if (!pool.isShutdown()) {
      var _ = pool.schedule(task, delay.toMillis(), TimeUnit.MILLISECONDS);
    }
  }

  /// From now on none is begun, and what is being written is cut short.
  @Override
  public void close() {
    pool.shutdownNow();
  }

  private final class Job implements Runnable {
    private final HostedShard shard;
    private final Checkpoint checkpoint;
    private final CountDownLatch ended = new CountDownLatch(1);
    private int attempts;
    private boolean over;

    Job(HostedShard shard, Checkpoint checkpoint) {
      this.shard = shard;
      this.checkpoint = checkpoint;
    }

    /// Holds the job's monitor while it writes, so that [#cancel] waits for that.
    @Override
    public synchronized void run() {
      if (over) {
        return;
      }
      long start = System.nanoTime();
      try {
        shard.forceLog();
        Checkpoint.Report report = checkpoint.run();
        end();
        Duration took = Duration.ofNanos(System.nanoTime() - start);
        log.debug("shard {}: checkpoint {} took {}", shard.id(), report, took);
        if (!report.left().isEmpty()) {
          log.warn("shard {}: could not remove what is not needed: {}", shard.id(), report.left());
        }
        shard.checkpointed();
        metrics.checkpointed(shard.id(), report, took);
        if (!shard.progress().isLost()) {
          afterwards.accept(shard);
        }
      } catch (IOException | RuntimeException | Error e) {
        // Of errors, too little memory: there may be more later.
        failed(e instanceof IOException io ? io : new IOException(e));
      }
    }

    private void failed(IOException e) {
      if (over) {
        log.warn("shard {}: after a checkpoint", shard.id(), e);
        return;
      }
      if (pool.isShutdown()) {
        log.info("shard {}: a checkpoint was cut short, since the node ends", shard.id());
        return;
      }
      attempts++;
      DamagedException.in(e).ifPresent(shard::damaged);
      shard.trouble().checkpointFailed(e, attempts);
      metrics.checkpointFailed(shard.id());
      long backoff = Math.min(MAX_BACKOFF_MS, FIRST_BACKOFF_MS << Math.min(attempts - 1, 10));
      log.warn(
          "shard {}: checkpoint failed {} times, again in {} ms", shard.id(), attempts, backoff, e);
      var _ = pool.schedule(this, backoff, TimeUnit.MILLISECONDS);
    }

    private void end() {
      over = true;
      jobs.remove(shard, this);
      ended.countDown();
    }

    synchronized void cancel() {
      if (!over) {
        end();
      }
    }

    void await(long deadlineNanos) throws InterruptedException {
      var _ = ended.await(deadlineNanos - System.nanoTime(), TimeUnit.NANOSECONDS);
    }
  }
}
