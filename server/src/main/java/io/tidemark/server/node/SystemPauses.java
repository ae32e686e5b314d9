package io.tidemark.server.node;

import io.tidemark.archive.Pauses;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;

/// Time as it passes.
final class SystemPauses implements Pauses {
  @Override
  public long nanoTime() {
    return System.nanoTime();
  }

  @Override
  public void pause(Duration duration) throws InterruptedException {
    long end = System.nanoTime() + duration.toNanos();
    for (long left = duration.toNanos(); left > 0; left = end - System.nanoTime()) {
      LockSupport.parkNanos(left);
      if (Thread.interrupted()) {
        throw new InterruptedException();
      }
    }
  }
}
