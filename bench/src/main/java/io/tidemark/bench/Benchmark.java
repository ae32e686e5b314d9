package io.tidemark.bench;

/// Measures one thing, in processes of its own.
interface Benchmark {
  /// Adds what it measures to the run's report. What it starts has ended when this returns.
  void run(Run run) throws Exception;
}
