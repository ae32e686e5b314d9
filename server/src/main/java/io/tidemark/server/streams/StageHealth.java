package io.tidemark.server.streams;

import io.tidemark.log.StreamPartition;

/// How a shard on this node is doing.
///
/// @param next the next offset of what its readers see
/// @param logEnd the end of its log when last looked at, about once a second; -1 before that
/// @param oldestAgeMs how long the oldest record that readers do not see yet is known to have been
///   in the log: the time since the first look that found the log's end beyond it, so up to a
///   second less than the truth; 0 where they see all
/// @param reason why it is red, for an operator; empty where it is not
public record StageHealth(
    StreamPartition shard, Role role, long next, long logEnd, long oldestAgeMs, String reason) {
  /// What this part of the way of an event is called.
  public String stage() {
    return "shard";
  }

  /// How many records readers do not see yet.
  public long lag() {
    return Math.max(0, logEnd - next);
  }

  public boolean isRed() {
    return !reason.isEmpty();
  }
}
