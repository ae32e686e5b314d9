package io.tidemark.bench;

import io.tidemark.bench.process.NodeProcess;
import io.tidemark.bench.report.Target;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/// From the launcher to ready, without data.
final class StartBenchmark implements Benchmark {
  private static final int STARTS = 5;

  @Override
  public void run(Run run) throws Exception {
    List<Long> readyMs = new ArrayList<>();
    for (int i = 0; i < STARTS; i++) {
      try (NodeProcess node = run.node("node-" + i).start()) {
        readyMs.add(node.readyMs());
      }
    }
    Collections.sort(readyMs);
    run.report()
        .measured(
            "start to ready, empty, the slowest of " + STARTS,
            readyMs.getLast() / 1000.0,
            Target.below(6, "s"),
            "the fastest: %s s".formatted(Target.number(readyMs.getFirst() / 1000.0)));
  }
}
