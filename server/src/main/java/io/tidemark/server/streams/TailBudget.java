package io.tidemark.server.streams;

import java.util.concurrent.atomic.AtomicLong;

/// How much memory the tails of a node's shards have, about, and how much they may have.
final class TailBudget {
  /// What a row costs in memory besides its value: offset, time, and its share of indexes and
  /// nulls.
  static final int ROW_BYTES = 64;

  private final long limit;
  private final AtomicLong used = new AtomicLong();

  TailBudget(long limit) {
    this.limit = limit;
  }

  void add(long bytes) {
    used.addAndGet(bytes);
  }

  long used() {
    return used.get();
  }

  /// The largest tail should be written to files.
  boolean isOver() {
    return used.get() > limit;
  }

  /// Nothing more may be applied.
  boolean isExhausted() {
    return used.get() > limit + limit / 2;
  }
}
