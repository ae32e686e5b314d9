package io.tidemark.server.streams;

/// How much memory the tail of one shard takes of the node's budget, about. The applying thread
/// writes, anybody reads.
final class TailUse {
  private final TailBudget budget;

  /// Applied, not yet counted in the budget: it is touched once per publication, not per record.
  private long unpublished;

  private volatile long active;
  private long frozen;

  TailUse(TailBudget budget) {
    this.budget = budget;
  }

  boolean isEmpty() {
    return unpublished == 0 && active == 0;
  }

  void apply(int valueBytes) {
    unpublished += valueBytes + TailBudget.ROW_BYTES;
  }

  void publish() {
    budget.add(unpublished);
    long now = active + unpublished;
    active = now;
    unpublished = 0;
  }

  /// A checkpoint has begun.
  void freeze() {
    frozen = active;
    active = 0;
  }

  /// The checkpoint has ended.
  void seal() {
    budget.add(-frozen);
    frozen = 0;
  }

  void clear() {
    budget.add(-active - frozen);
    unpublished = 0;
    active = 0;
    frozen = 0;
  }

  /// How much a checkpoint would free.
  long active() {
    return active;
  }
}
