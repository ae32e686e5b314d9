package io.tidemark.archive;

import java.time.Duration;

/// Port: time, as whoever tries again needs it.
public interface Pauses {
  /// A clock that only goes forward, from any beginning.
  long nanoTime();

  void pause(Duration duration) throws InterruptedException;
}
