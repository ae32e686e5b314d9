package io.tidemark.server.streams;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.streams.errors.StreamsUncaughtExceptionHandler;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Replaces threads that failed, the later the more often they do. The failed thread waits before
/// it gives up its shards, which go on answering meanwhile.
final class ThreadGuard implements StreamsUncaughtExceptionHandler, AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(ThreadGuard.class);
  private static final long FIRST_BACKOFF_MS = 200;
  private static final long MAX_BACKOFF_MS = 30_000;

  /// Who ran that long is as good as new.
  private static final long FORGIVEN_NANOS = Duration.ofMinutes(2).toNanos();

  private final String stream;
  private final HostMetrics metrics;
  private final CountDownLatch closing = new CountDownLatch(1);
  private int failures;
  private long lastNanos;
  private volatile String trouble = "";

  ThreadGuard(String stream, HostMetrics metrics) {
    this.stream = stream;
    this.metrics = metrics;
  }

  @Override
  public StreamThreadExceptionResponse handle(Throwable thrown) {
    long backoff = backoffMs(System.nanoTime());
    metrics.threadFailed(stream);
    Throwable root = thrown;
    while (root.getCause() != null) {
      root = root.getCause();
    }
    trouble = "a thread that applies its records failed: " + root;
    log.error("stream {}: a thread failed, replaced in {} ms", stream, backoff, thrown);
    try {
      if (closing.await(backoff, TimeUnit.MILLISECONDS)) {
        return StreamThreadExceptionResponse.SHUTDOWN_CLIENT;
      }
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
    return StreamThreadExceptionResponse.REPLACE_THREAD;
  }

  private synchronized long backoffMs(long now) {
    if (failures > 0 && now - lastNanos > FORGIVEN_NANOS) {
      failures = 0;
    }
    failures++;
    lastNanos = now;
    return Math.min(MAX_BACKOFF_MS, FIRST_BACKOFF_MS << Math.min(failures - 1, 10));
  }

  /// The last failure, until it is forgiven.
  synchronized String trouble() {
    return failures > 0 && System.nanoTime() - lastNanos > FORGIVEN_NANOS ? "" : trouble;
  }

  @Override
  public void close() {
    closing.countDown();
  }
}
