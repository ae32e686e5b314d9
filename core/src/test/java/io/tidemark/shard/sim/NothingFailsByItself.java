package io.tidemark.shard.sim;

import io.tidemark.shard.sim.disk.SimFailure;
import org.jspecify.annotations.Nullable;

/// Invariant: what fails was made to fail.
final class NothingFailsByItself {
  private NothingFailsByItself() {}

  static void check(@Nullable Throwable failure) {
    Throwable root = failure;
    while (root != null && root.getCause() != null) {
      root = root.getCause();
    }
    if (!(root instanceof SimFailure)) {
      throw new Broken(NothingFailsByItself.class, String.valueOf(failure), failure);
    }
  }
}
