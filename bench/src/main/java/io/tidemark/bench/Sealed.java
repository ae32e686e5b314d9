package io.tidemark.bench;

import io.tidemark.bench.load.Metrics;
import io.tidemark.bench.process.NodeProcess;
import java.io.IOException;
import java.util.Locale;
import java.util.concurrent.TimeUnit;

/// Whether rows are in files. The last ones of a bulk stay in memory until they have been there for
/// ten minutes.
final class Sealed {
  private static final int TELL_EVERY = 60;

  private Sealed() {}

  /// Waits until so many rows are.
  ///
  /// @param seconds how long, at most
  /// @return how many there are then
  static long await(NodeProcess node, long rows, int seconds)
      throws IOException, InterruptedException {
    long inFiles = inFiles(node);
    for (int i = 0; i < seconds && inFiles < rows; i++) {
      if (i % TELL_EVERY == 0) {
        System.out.printf(Locale.ROOT, "%,d of %,d rows are in files%n", inFiles, rows);
      }
      TimeUnit.SECONDS.sleep(1);
      inFiles = inFiles(node);
    }
    return inFiles;
  }

  private static long inFiles(NodeProcess node) throws IOException {
    return (long) Metrics.sum(node.port(), "tidemark_shard_sealed_offset");
  }
}
