package io.tidemark.shard.sim.disk;

/// The process is gone. An error, so that nothing on its way out takes it for a failure of its own.
public final class SimCrash extends Error {
  private static final long serialVersionUID = 1L;

  public SimCrash(String operation) {
    super("crash at " + operation, null, false, false);
  }
}
