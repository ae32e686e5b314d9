package io.tidemark.server.streams;

/// What a shard on this node is for.
public enum Role {
  /// Opened, or taken over, and still reading what was there before; will be active.
  RESTORING,
  /// A warm copy of a shard that is active elsewhere.
  STANDBY,
  /// The one that answers, and that bounds the log.
  ACTIVE
}
