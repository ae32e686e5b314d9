package io.tidemark.server.cli;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/// Waits for Ctrl-C or SIGTERM, and keeps the process alive until its owner has cleaned up.
final class UntilStopped implements AutoCloseable {
  /// Beyond this the process ends whatever is still going on: everything acknowledged is in the
  /// log.
  private static final int MAX_CLEAN_UP_SECONDS = 20;

  private final CountDownLatch stopped = new CountDownLatch(1);
  private final CountDownLatch cleaned = new CountDownLatch(1);

  UntilStopped() {
    Runtime.getRuntime()
        .addShutdownHook(
            Thread.ofPlatform()
                .name("stop")
                .unstarted(
                    () -> {
                      stopped.countDown();
                      try {
                        var _ = cleaned.await(MAX_CLEAN_UP_SECONDS, TimeUnit.SECONDS);
                      } catch (InterruptedException _) {
                        Thread.currentThread().interrupt();
                      }
                    }));
  }

  boolean isStopped() {
    return stopped.getCount() == 0;
  }

  void await() throws InterruptedException {
    stopped.await();
  }

  /// Waits for a while.
  ///
  /// @return whether it is to stop
  boolean await(long seconds) throws InterruptedException {
    return stopped.await(seconds, TimeUnit.SECONDS);
  }

  @Override
  public void close() {
    cleaned.countDown();
  }
}
