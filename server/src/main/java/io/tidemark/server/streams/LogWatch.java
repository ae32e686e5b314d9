package io.tidemark.server.streams;

import java.util.ArrayDeque;

/// What looks at the end of a shard's log have found, and how far the shard is behind. Not
/// thread-safe.
final class LogWatch {
  static final long UNKNOWN = -1;

  /// Ten minutes of looks, one a second; beyond that the age is kept, not its steps.
  private static final int MAX_LOOKS = 600;

  private record Look(long end, long atMs) {}

  private final ArrayDeque<Look> looks = new ArrayDeque<>();
  private long end = UNKNOWN;
  private long target = UNKNOWN;
  private boolean caughtUp;

  /// Begins anew: the shard has caught up once it has what the log had at the next look.
  void rearm() {
    target = UNKNOWN;
    caughtUp = false;
  }

  /// Takes a look's result.
  ///
  /// @param askedAtMs when the look was begun
  void look(long logEnd, long askedAtMs, long visible) {
    if (logEnd > end) {
      if (looks.size() == MAX_LOOKS) {
        looks.removeLast();
      }
      looks.add(new Look(logEnd, askedAtMs));
    }
    end = logEnd;
    if (target == UNKNOWN) {
      target = logEnd;
    }
    advance(visible);
  }

  /// Readers see everything below `visible`.
  void advance(long visible) {
    while (!looks.isEmpty() && looks.element().end() <= visible) {
      looks.remove();
    }
    caughtUp |= target != UNKNOWN && visible >= target;
  }

  boolean hasCaughtUp() {
    return caughtUp;
  }

  /// The end at the last look, or [#UNKNOWN].
  long end() {
    return end;
  }

  /// How long the oldest record that is not visible is known to have been in the log.
  long oldestAgeMs(long nowMs) {
    Look oldest = looks.peek();
    return oldest == null ? 0 : Math.max(0, nowMs - oldest.atMs());
  }
}
