package io.tidemark.shard.sim;

import org.jspecify.annotations.Nullable;

/// An invariant does not hold. The message begins with the invariant's name.
public final class Broken extends AssertionError {
  private static final long serialVersionUID = 1L;

  Broken(Class<?> invariant, String message) {
    super(invariant.getSimpleName() + ": " + message);
  }

  Broken(Class<?> invariant, String message, @Nullable Throwable cause) {
    super(invariant.getSimpleName() + ": " + message, cause);
  }
}
