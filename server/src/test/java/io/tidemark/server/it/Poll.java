package io.tidemark.server.it;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;

/// Waits for what is to happen, with a deadline.
final class Poll {
  private static final long PAUSE_NANOS = 10_000_000;

  private Poll() {}

  /// Waits until a condition holds.
  ///
  /// @param what the condition in words, for the message
  static void until(String what, Duration deadline, Callable<Boolean> condition) {
    until(what, deadline, condition, () -> "");
  }

  /// @param state what there is instead, for the message
  static void until(
      String what, Duration deadline, Callable<Boolean> condition, Supplier<String> state) {
    if (!holds(deadline, condition)) {
      throw new AssertionError(
          "after %d ms still not: %s%n%s".formatted(deadline.toMillis(), what, state.get()));
    }
  }

  /// Waits until a value is there.
  static <T> T value(String what, Duration deadline, Supplier<Optional<T>> source) {
    until(what, deadline, () -> source.get().isPresent());
    return source.get().orElseThrow();
  }

  /// Lets what goes on go on for a while: nothing is waited for.
  static void pass(int ms) {
    holds(Duration.ofMillis(ms), () -> false);
  }

  /// Whether a condition holds before the deadline.
  static boolean holds(Duration deadline, Callable<Boolean> condition) {
    long end = System.nanoTime() + deadline.toNanos();
    while (true) {
      try {
        if (condition.call()) {
          return true;
        }
      } catch (Exception e) {
        throw new AssertionError(e);
      }
      if (System.nanoTime() > end) {
        return false;
      }
      LockSupport.parkNanos(PAUSE_NANOS);
    }
  }
}
