package io.tidemark.server.kafka;

import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Whether there is a broker at all. It is away when for a while none has answered: neither an
/// append nor a look, which is taken only while an append waits or the broker is away.
///
/// That a partition has no leader is not its business: another broker may answer for the others.
final class BrokerWatch implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(BrokerWatch.class);

  private static final long EVERY_MS = 500;
  private static final int LOOK_MS = 2_000;

  /// A broker that is started again is there within that time, so it is waited for.
  private static final long AWAY_NANOS = 5_000_000_000L;

  private final Admin admin;
  private final ScheduledExecutorService thread =
      Executors.newSingleThreadScheduledExecutor(
          task -> Thread.ofPlatform().name("tidemark-broker-watch").daemon().unstarted(task));
  private final AtomicInteger waiting = new AtomicInteger();
  private volatile long seenNanos = System.nanoTime();
  private volatile boolean away;

  /// Since the last one that was answered; only the watch's thread's.
  private int looks;

  /// @param bootstrap brokers as `host:port,…`
  BrokerWatch(String bootstrap) {
    this.admin =
        Admin.create(
            Map.of(
                AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG,
                bootstrap,
                AdminClientConfig.CLIENT_ID_CONFIG,
                "tidemark-broker-watch",
                AdminClientConfig.DEFAULT_API_TIMEOUT_MS_CONFIG,
                LOOK_MS,
                AdminClientConfig.REQUEST_TIMEOUT_MS_CONFIG,
                LOOK_MS,
                AdminClientConfig.RECONNECT_BACKOFF_MAX_MS_CONFIG,
                EVERY_MS));
    var _ = thread.scheduleWithFixedDelay(this::watch, EVERY_MS, EVERY_MS, TimeUnit.MILLISECONDS);
  }

  /// An append begins to wait.
  void begin() {
    waiting.incrementAndGet();
  }

  /// It waits no more.
  ///
  /// @param answered whether a broker has it
  void end(boolean answered) {
    if (answered) {
      seen();
    }
    waiting.decrementAndGet();
  }

  boolean isAway() {
    return away;
  }

  private void seen() {
    seenNanos = System.nanoTime();
    if (away) {
      away = false;
      LOG.info("a broker answers again: events are taken");
    }
  }

  private void watch() {
    if (waiting.get() == 0 && !away) {
      seenNanos = System.nanoTime();
    } else {
      look();
    }
  }

  private void look() {
    try {
      var _ = admin.describeCluster().clusterId().get(LOOK_MS, TimeUnit.MILLISECONDS);
      looks = 0;
      seen();
    } catch (ExecutionException | TimeoutException e) {
      // One in vain says little: it may be this process that stood still.
      if (++looks > 1 && !away && System.nanoTime() - seenNanos > AWAY_NANOS) {
        away = true;
        LOG.warn("no broker answers: events are refused until one does");
      }
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void close() {
    thread.shutdownNow();
    admin.close(Duration.ZERO);
  }
}
