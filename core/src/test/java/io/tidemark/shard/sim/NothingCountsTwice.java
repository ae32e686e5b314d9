package io.tidemark.shard.sim;

import io.tidemark.event.StoredEvent;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/// Invariant: no record is among the shard's events twice, and where the stream declares an id, no
/// event that a client sent again.
final class NothingCountsTwice {
  private NothingCountsTwice() {}

  /// @param log the records that clients have appended
  static void check(ModelShard log, List<StoredEvent> found, boolean everyIdIsOneEvent) {
    Set<Long> offsets = new HashSet<>();
    Set<String> uids = new HashSet<>();
    for (StoredEvent event : found) {
      if (!offsets.add(event.offset())) {
        throw new Broken(
            NothingCountsTwice.class, "the event at " + event.offset() + " is there twice");
      }
      Object uid = log.record(event.offset()).values()[RandomDeclarations.UID];
      if (everyIdIsOneEvent && !uids.add(String.valueOf(uid))) {
        throw new Broken(
            NothingCountsTwice.class, "the event at " + event.offset() + " had been sent before");
      }
    }
  }
}
