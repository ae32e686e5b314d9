package io.tidemark.shard;

import io.tidemark.log.StreamPartition;
import io.tidemark.sorted.CorruptStoreException;
import java.io.IOException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Files of a shard are not what it wrote. It must not go on: opened again, thoroughly, it mends
/// itself from the log.
public final class DamagedException extends IOException {
  private static final long serialVersionUID = 1L;

  private final transient StreamPartition shard;

  DamagedException(StreamPartition shard, String what) {
    super("shard " + shard + ": " + what);
    this.shard = shard;
  }

  DamagedException(StreamPartition shard, CorruptStoreException cause) {
    super("shard " + shard + ": " + cause.getMessage(), cause);
    this.shard = shard;
  }

  /// Whose files they are.
  public StreamPartition shard() {
    return shard;
  }

  /// What a failure says about damaged files; nothing where it is about something else.
  public static Optional<String> in(@Nullable Throwable failure) {
    for (Throwable t = failure; t != null; t = t.getCause()) {
      if (t instanceof DamagedException || t instanceof CorruptStoreException) {
        return Optional.of(String.valueOf(t.getMessage()));
      }
    }
    return Optional.empty();
  }
}
