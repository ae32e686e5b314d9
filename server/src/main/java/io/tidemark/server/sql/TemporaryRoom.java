package io.tidemark.server.sql;

import io.tidemark.query.SqlRefusedException;
import io.tidemark.query.SqlRefusedException.Reason;
import java.util.concurrent.atomic.AtomicLong;

/// What the excerpts of all questions may take of the temporary folder: those that other nodes have
/// sent, and those that are made for them.
final class TemporaryRoom {
  private final long bytes;
  private final AtomicLong used = new AtomicLong();

  TemporaryRoom(long bytes) {
    this.bytes = bytes;
  }

  long usedBytes() {
    return used.get();
  }

  static SqlRefusedException full() {
    return new SqlRefusedException(
        Reason.TOO_MUCH_MEMORY,
        "the rows that other nodes have for the query take more room than there is; narrow _time,"
            + " or select fewer columns");
  }

  /// A part of the room; given back on closing.
  final class Lease implements AutoCloseable {
    private long taken;
    private boolean closed;

    /// Takes more.
    ///
    /// @return false where there is no more
    synchronized boolean add(long more) {
      if (closed) {
        return false;
      }
      if (used.addAndGet(more) > bytes) {
        used.addAndGet(-more);
        return false;
      }
      taken += more;
      return true;
    }

    /// Gives some back.
    synchronized void remove(long bytes) {
      long some = Math.min(bytes, taken);
      used.addAndGet(-some);
      taken -= some;
    }

    @Override
    public synchronized void close() {
      closed = true;
      used.addAndGet(-taken);
      taken = 0;
    }
  }

  Lease lease() {
    return new Lease();
  }
}
