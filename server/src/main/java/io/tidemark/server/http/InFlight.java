package io.tidemark.server.http;

import java.util.concurrent.atomic.AtomicLong;

/// The budget of request bodies that are in memory at one time. What does not fit is refused at
/// once, so that overload costs little and the rest is served in time. An eighth of it is for small
/// bodies only.
public final class InFlight {
  /// What a client is told whose body has no room.
  public static final String FULL =
      "this node is taking as much as it can; send the same request again later";

  private static final int SMALL_BYTES = 64 << 10;

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
      if (used.addAndGet(more) > limit(bytes + more)) {
        used.addAndGet(-more);
        throw full();
      }
      bytes += more;
    }

    /// Takes nothing yet, but spares a client the sending of what would not fit now.
    ///
    /// @param announced bytes
    /// @throws Problem where there is no room for so much: 429
    void requireRoom(long announced) {
      if (used.get() + announced > limit(announced)) {
        throw full();
      }
    }

    @Override
    public void close() {
      used.addAndGet(-bytes);
      bytes = 0;
    }
  }

  private long limit(long size) {
    return size > SMALL_BYTES ? budgetBytes - budgetBytes / 8 : budgetBytes;
  }

  private static Problem full() {
    return overload(FULL);
  }

  static Problem overload(String detail) {
    return new Problem(429, "overload", detail).retryAfter(1);
  }

  Lease lease() {
    return new Lease();
  }

  public long usedBytes() {
    return used.get();
  }
}
