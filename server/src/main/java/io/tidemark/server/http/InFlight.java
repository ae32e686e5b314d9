package io.tidemark.server.http;

import java.util.concurrent.atomic.AtomicLong;

/// The budget of request bodies that are in memory at one time. What does not fit is refused at
/// once, so that overload costs little and the rest is served in time.
public final class InFlight {
  private final long budgetBytes;
  private final AtomicLong used = new AtomicLong();

  public InFlight(long budgetBytes) {
    this.budgetBytes = budgetBytes;
  }

  /// A part of the budget; given back on closing.
  final class Lease implements AutoCloseable {
    private long bytes;

    /// Takes more.
    ///
    /// @throws Problem where there is no more: 429
    void add(long more) {
      if (used.addAndGet(more) > budgetBytes) {
        used.addAndGet(-more);
        throw new Problem(
                429,
                "overload",
                "this node is taking as much as it can; send the same request again later")
            .retryAfter(1);
      }
      bytes += more;
    }

    @Override
    public void close() {
      used.addAndGet(-bytes);
      bytes = 0;
    }
  }

  Lease lease() {
    return new Lease();
  }

  public long usedBytes() {
    return used.get();
  }
}
