package io.tidemark.server.node;

import io.tidemark.server.streams.ShardHost;
import java.time.Duration;

/// Whether all shards have a place. Shards that move are away for a moment, and queries wait for
/// them: only a longer absence makes a node that was ready not ready.
final class Placement {
  /// Half of what a query waits for what it is to contain.
  private static final Duration GRACE = Duration.ofSeconds(5);

  private final ShardHost host;
  private boolean wasPlaced;
  private long placedNanos;

  Placement(ShardHost host) {
    this.host = host;
  }

  synchronized boolean isGood() {
    if (host.isReady()) {
      wasPlaced = true;
      placedNanos = System.nanoTime();
      return true;
    }
    return wasPlaced && System.nanoTime() - placedNanos < GRACE.toNanos();
  }
}
