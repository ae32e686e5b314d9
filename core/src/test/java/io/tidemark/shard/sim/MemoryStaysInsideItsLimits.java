package io.tidemark.shard.sim;

import io.tidemark.shard.Shard;
import io.tidemark.shard.ShardSpec;

/// Invariant: the rows in memory are exactly those that are not in files; where the host asks
/// before it applies, and begins a checkpoint when one is wanted, neither the tail nor the one that
/// is being written grows beyond its limit by more than what is applied between two questions.
final class MemoryStaysInsideItsLimits {
  /// How many records a host applies between two questions, at most.
  static final int UNASKED = 8;

  private MemoryStaysInsideItsLimits() {}

  /// @param missed what the log had forgotten before the shard could apply it
  static void check(Shard shard, ModelShard model, Missed missed) {
    int rows = shard.tailRows();
    int expected = model.events(missed, shard.sealedNext(), shard.visibleNext()).size();
    if (rows != expected) {
      throw new Broken(
          MemoryStaysInsideItsLimits.class,
          "%d rows in memory, while %d from %d to %d are not in files"
              .formatted(rows, expected, shard.sealedNext(), shard.visibleNext()));
    }
    ShardSpec.Limits limits = shard.spec().limits();
    int most = limits.tailBytes() == 1 ? 1 : limits.tailRows();
    if (rows > 2 * (most + UNASKED)) {
      throw new Broken(
          MemoryStaysInsideItsLimits.class,
          "%d rows in memory, with a limit of %d for each tail".formatted(rows, most));
    }
  }
}
