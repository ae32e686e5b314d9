package io.tidemark.server.streams;

import java.time.InstantSource;
import java.util.List;

/// What hosted shards share.
///
/// @param background what is done to shards beside everything else
/// @param look asks for a look at the logs' ends soon
record HostContext(
    HostOptions options,
    InstantSource clock,
    HostMetrics metrics,
    TailBudget budget,
    Checkpoints checkpoints,
    List<Rounds> background,
    Runnable look) {
  void lookSoon() {
    look.run();
  }
}
