package io.tidemark.shard.sim;

import io.tidemark.shard.Shard;

/// Invariant: while a process lives, no position of a shard goes back, and nothing is called sealed
/// before a durable manifest says so; a new process begins where the last durable checkpoint says,
/// or at the beginning of the log where a view is new.
final class PositionsNeverGoBack {
  private long next;
  private long visible;
  private long sealed;
  private long durable;
  private long streamTime = Long.MIN_VALUE;

  /// @param durable what the newest readable checkpoint says
  /// @param filling whether a view is declared that it does not have
  void opened(Shard shard, long durable, boolean filling) {
    long expected = filling ? 0 : durable;
    if (shard.next() != expected
        || shard.visibleNext() != expected
        || shard.sealedNext() != expected) {
      throw new AssertionError(
          "opened at %d, %d, %d instead of %d"
              .formatted(shard.next(), shard.visibleNext(), shard.sealedNext(), expected));
    }
    next = expected;
    visible = expected;
    sealed = expected;
    this.durable = expected;
    streamTime = shard.visibleStreamTime();
  }

  /// A manifest has become durable.
  void durable(long position) {
    durable = position;
  }

  void check(Shard shard) {
    if (shard.next() < next
        || shard.visibleNext() < visible
        || shard.sealedNext() < sealed
        || shard.visibleStreamTime() < streamTime) {
      throw new AssertionError("a position went back: " + shard.next());
    }
    next = shard.next();
    visible = shard.visibleNext();
    sealed = shard.sealedNext();
    streamTime = shard.visibleStreamTime();
    if (sealed > durable || sealed > visible || visible > next) {
      throw new AssertionError(
          "sealed %d of %d, visible %d, next %d".formatted(sealed, durable, visible, next));
    }
  }
}
