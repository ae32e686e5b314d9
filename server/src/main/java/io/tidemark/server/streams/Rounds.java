package io.tidemark.server.streams;

import io.tidemark.shard.DamagedException;
import java.io.IOException;
import java.util.Map;
import java.util.WeakHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Work in the background on this node's shards, one of them after the other, again and again. A
/// shard whose work has failed is left alone for some rounds, the more the more often it fails.
final class Rounds implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Rounds.class);
  private static final long PAUSE_MS = 1000;

  /// How often something is done to a shard before it is the next one's turn.
  private static final int TIMES = 16;

  /// For how many rounds a shard is left alone at first, and at most.
  private static final int LEFT_ALONE = 15;

  private static final int LONGEST_LEFT_ALONE = 300;

  private final String name;
  private final Registry registry;
  private final Work work;
  private final ScheduledExecutorService thread;
  private final Map<HostedShard, Patience> patience = new WeakHashMap<>();

  private volatile @Nullable Turn turn;

  /// What is done.
  interface Work {
    /// Does some of it, if any is due. Whoever waits for the shard to be closed interrupts it.
    ///
    /// @return whether something was
    boolean on(HostedShard shard) throws IOException;

    /// It has failed; it is tried again.
    void failed(HostedShard shard, Throwable failure);
  }

  /// There is no room on the disk, or the like: it is tried again, and nothing to complain of.
  static final class NotNow extends IOException {
    private static final long serialVersionUID = 1L;

    NotNow() {
      super("not now");
    }
  }

  private static final class Patience {
    private int rounds;
    private int wait = LEFT_ALONE;

    void lose() {
      rounds = wait;
      wait = Math.min(2 * wait, LONGEST_LEFT_ALONE);
    }
  }

  /// @param name of the thread
  Rounds(String name, Registry registry, Work work) {
    this.name = name;
    this.registry = registry;
    this.work = work;
    this.thread =
        Executors.newSingleThreadScheduledExecutor(
            task -> Thread.ofPlatform().name(name).daemon().unstarted(task));
  }

  void start() {
    var _ = thread.scheduleWithFixedDelay(this::round, PAUSE_MS, PAUSE_MS, TimeUnit.MILLISECONDS);
  }

  private void round() {
    try {
      everyShard();
    } catch (RuntimeException | Error e) {
      log.error("{}", name, e);
    }
  }

  private void everyShard() {
    for (HostedShard shard : registry.all()) {
      Patience its = patience.computeIfAbsent(shard, _ -> new Patience());
      if (its.rounds > 0) {
        its.rounds--;
      } else if (!thread.isShutdown()) {
        Turn now = new Turn(shard, its);
        turn = now;
        now.run();
        turn = null;
      }
    }
  }

  /// Returns when nothing is done to a shard any more; nothing is begun from now on.
  void settle(HostedShard shard) {
    Turn running = turn;
    if (running != null && running.shard.equals(shard)) {
      running.cancel();
    }
  }

  /// What is being done is cut short.
  @Override
  public void close() {
    thread.shutdownNow();
  }

  /// The work on one shard.
  private final class Turn {
    private final HostedShard shard;
    private final Patience its;
    private final Thread worker = Thread.currentThread();
    private final CountDownLatch ended = new CountDownLatch(1);
    private boolean over;

    Turn(HostedShard shard, Patience its) {
      this.shard = shard;
      this.its = its;
    }

    void run() {
      try {
        for (int times = 0; times < TIMES && work.on(shard); times++) {
          its.wait = LEFT_ALONE;
        }
      } catch (NotNow _) {
        its.lose();
      } catch (IOException | RuntimeException | Error e) {
        // Of errors, too little memory: there may be more later.
        failed(e);
      } finally {
        end();
      }
    }

    private void failed(Throwable e) {
      if (Thread.currentThread().isInterrupted()) {
        log.debug("shard {}: {} was cut short", shard.id(), name);
        return;
      }
      DamagedException.in(e).ifPresent(shard::damaged);
      its.lose();
      work.failed(shard, e);
    }

    /// From here on nobody interrupts it.
    private synchronized void end() {
      over = true;
      if (!thread.isShutdown()) {
        boolean _ = Thread.interrupted();
      }
      ended.countDown();
    }

    void cancel() {
      synchronized (this) {
        if (!over) {
          worker.interrupt();
        }
      }
      // Whatever its caller is told meanwhile: who goes on would give up the folder under it.
      boolean interrupted = false;
      while (true) {
        try {
          ended.await();
          break;
        } catch (InterruptedException _) {
          interrupted = true;
        }
      }
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
