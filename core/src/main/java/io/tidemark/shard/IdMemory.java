package io.tidemark.shard;

import io.tidemark.app.StreamSpec.IdSpec;
import io.tidemark.event.EventRow;
import io.tidemark.sorted.SortedStore;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/// By what a shard knows events that come again: the ids of the tail and of the one that is being
/// sealed, those in the store, and what was decided before. One thread at a time uses it.
final class IdMemory {
  private final IdSpec spec;
  private final SortedStore store;

  /// Which records repeated others when the shard was opened: these are not judged again.
  private final Manifest.Ids decided;

  private SeenIds active;
  private @Nullable SeenIds frozen;

  private IdMemory(IdSpec spec, SortedStore store, Manifest.Ids decided) {
    this.spec = spec;
    this.store = store;
    this.decided = decided;
    this.active = new SeenIds(spec);
  }

  /// That of a shard which goes on from a manifest; null where the stream has no ids.
  static @Nullable IdMemory open(ShardSpec spec, ShardStorage storage, Manifest manifest)
      throws IOException {
    IdSpec id = spec.stream().id().orElse(null);
    return id == null
        ? null
        : new IdMemory(
            id,
            storage.sorted(Recovery.idsName(spec.idField().orElseThrow())),
            manifest.ids().orElseThrow());
  }

  SortedStore store() {
    return store;
  }

  /// Whether a record repeats another; either way that is remembered.
  ///
  /// @param streamTime the stream time at this record, itself included
  /// @throws java.io.UncheckedIOException where the store cannot be read
  boolean isRepeated(EventRow row, long offset, long streamTime) {
    if (offset < decided.next()) {
      return Repeats.isIn(store, offset);
    }
    // A log without its start is read again behind its greatest event time.
    long time = Math.max(streamTime, decided.streamTime());
    return active.isRepeated(row, offset, time, frozen, store);
  }

  /// Begins a new tail.
  ///
  /// @return what the one before it has to seal
  SeenIds freeze() {
    SeenIds sealing = active;
    frozen = sealing;
    active = new SeenIds(spec);
    return sealing;
  }

  /// What was frozen is in the store.
  void sealed() {
    frozen = null;
  }

  /// About how much memory the tail's ids hold.
  long bytes() {
    return active.bytes();
  }
}
