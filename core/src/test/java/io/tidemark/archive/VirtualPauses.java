package io.tidemark.archive;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/// Time that passes only in pauses.
public final class VirtualPauses implements Pauses {
  final List<Duration> pauses = new ArrayList<>();
  private long now;

  @Override
  public synchronized long nanoTime() {
    return now;
  }

  @Override
  public synchronized void pause(Duration duration) {
    pauses.add(duration);
    now += duration.toNanos();
  }

  /// How often there was one.
  public synchronized int count() {
    return pauses.size();
  }
}
