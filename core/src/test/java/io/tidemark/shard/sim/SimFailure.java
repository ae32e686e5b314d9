package io.tidemark.shard.sim;

import java.io.IOException;

/// A storage operation that was made to fail.
public final class SimFailure extends IOException {
  private static final long serialVersionUID = 1L;

  SimFailure(String operation) {
    super("made to fail: " + operation);
  }
}
