package io.tidemark.server.http;

import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/// How many large answers are made at a time, so that they fit into memory. Who finds no room waits
/// a while for its turn.
public final class QueryTurns {
  private static final Duration PATIENCE = Duration.ofSeconds(5);

  /// An answer of this many events or groups takes one part of the room.
  private static final int ROWS_A_PART = 500;

  private final int parts;
  private final Semaphore free;

  /// @param parts how many parts there are
  public QueryTurns(int parts) {
    this.parts = parts;
    this.free = new Semaphore(parts, true);
  }

  /// A turn; given back on closing.
  interface Turn extends AutoCloseable {
    @Override
    void close();
  }

  /// Waits for a turn.
  ///
  /// @param rows how many rows the answer may have
  /// @throws Problem where none comes: 429
  Turn take(int rows) {
    int taken = Math.clamp(1 + rows / ROWS_A_PART, 1, parts / 2);
    try {
      if (free.tryAcquire(taken, PATIENCE.toMillis(), TimeUnit.MILLISECONDS)) {
        return () -> free.release(taken);
      }
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
    throw new Problem(
            429,
            "overload",
            "this node is making as many large answers as it can; ask again later, or for less")
        .retryAfter(1);
  }
}
