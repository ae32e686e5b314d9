package io.tidemark.shard.sim.disk;

/// What becomes of an operation.
public enum Fault {
  NONE,
  /// It fails, and nothing has happened.
  FAIL_BEFORE,
  /// It fails, although it has happened; of a write, half of it.
  FAIL_AFTER,
  /// The process ends before it.
  CRASH_BEFORE,
  /// The process ends after it; of a write, after half of it.
  CRASH_AFTER
}
