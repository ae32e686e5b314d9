package io.tidemark.server.streams;

import java.time.InstantSource;

/// What hosted shards share.
///
/// @param look asks for a look at the logs' ends soon
record HostContext(
    HostOptions options,
    InstantSource clock,
    HostMetrics metrics,
    TailBudget budget,
    Checkpoints checkpoints,
    Compactor compactor,
    Runnable look) {
  void lookSoon() {
    look.run();
  }
}
