package io.tidemark.server.http;

import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/// How much large work of a kind is done at a time, so that it fits into memory and what is small
/// never waits behind all of it. Who finds no room waits a while for its turn; turns come in the
/// order in which they were asked for.
public final class Turns {
  private static final Duration PATIENCE = Duration.ofSeconds(5);

  private final int room;
  private final int least;
  private final String refusal;
  private final Semaphore free;

  /// @param room how much is done at a time, in units of the work
  /// @param least what counts at least
  /// @param refusal what those are told whose turn does not come in time
  public Turns(int room, int least, String refusal) {
    this.room = room;
    this.least = least;
    this.refusal = refusal;
    this.free = new Semaphore(room, true);
  }

  /// A turn; given back on closing.
  public interface Turn extends AutoCloseable {
    @Override
    void close();
  }

  /// Waits for a turn.
  ///
  /// @param size of the work; beyond half of the room it counts as half
  /// @throws Problem where none comes: 429
  public Turn take(int size) {
    int taken = Math.min(Math.max(size, least), room / 2);
    try {
      if (free.tryAcquire(taken, PATIENCE.toMillis(), TimeUnit.MILLISECONDS)) {
        return () -> free.release(taken);
      }
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
    throw InFlight.overload(refusal);
  }
}
