package io.tidemark.server.generate;

import io.tidemark.server.client.NodeClient;
import java.io.PrintWriter;
import java.time.Duration;

/// What an app brings beside its declarations: a generator, and a load with queries.
public interface AppTools {
  /// @param startMs the first event's time, in milliseconds since 1970
  EventGenerator generator(long seed, long startMs);

  /// The first event's time unless somebody says otherwise.
  long defaultStartMs();

  /// How to load a node.
  ///
  /// @param rate events a second
  /// @param queryRate queries a second of the most frequent kind
  /// @param verify whether answers are compared with what was sent
  record LoadOptions(
      int rate, int queryRate, Duration duration, long seed, boolean verify, int connections) {}

  /// What came of a load.
  ///
  /// @param mismatches answers that were not as expected
  /// @param errors requests that failed
  record LoadResult(long mismatches, long errors) {
    public boolean isGood() {
      return mismatches == 0 && errors == 0;
    }
  }

  /// Sends events and queries at the given rates; prints progress and, at the end, latencies.
  LoadResult load(NodeClient node, LoadOptions options, PrintWriter out)
      throws InterruptedException;
}
