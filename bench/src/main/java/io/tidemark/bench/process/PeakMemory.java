package io.tidemark.bench.process;

import java.io.IOException;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/// Looks each second how much memory a process has in RAM, until it is closed.
public final class PeakMemory implements AutoCloseable {
  private final AtomicLong most = new AtomicLong();
  private final ScheduledExecutorService looking = Executors.newSingleThreadScheduledExecutor();

  public PeakMemory(ProcStat stat) {
    var _ = looking.scheduleAtFixedRate(() -> look(stat), 0, 1, TimeUnit.SECONDS);
  }

  private void look(ProcStat stat) {
    try {
      most.accumulateAndGet(stat.residentMb(), Math::max);
    } catch (IOException _) {
      // It has ended.
    }
  }

  /// The most so far, in MB.
  public long megabytes() {
    return most.get();
  }

  @Override
  public void close() {
    looking.shutdownNow();
  }
}
