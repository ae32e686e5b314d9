package io.tidemark.shard.sim.disk;

import java.io.IOException;

/// An operation on a disk that was made to fail.
public final class SimFailure extends IOException {
  private static final long serialVersionUID = 1L;

  public SimFailure(String operation) {
    super("made to fail: " + operation);
  }
}
