package io.tidemark.shard.sim.disk;

/// Decides what becomes of each operation of a process, and may let others act before it.
public interface Faults {
  Faults NONE = _ -> Fault.NONE;

  Fault next(String operation);

  /// The process has ended at an operation: sees to what becomes of its disk.
  default SimCrash crash(String operation) {
    throw new IllegalStateException("nobody asked for a crash at " + operation);
  }
}
