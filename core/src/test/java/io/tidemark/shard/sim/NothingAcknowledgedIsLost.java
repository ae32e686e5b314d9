package io.tidemark.shard.sim;

import io.tidemark.app.StreamSpec;
import io.tidemark.event.StoredEvent;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/// Invariant: every event that the log has acknowledged is among the shard's events, unless it is
/// older than the stream retains.
final class NothingAcknowledgedIsLost {
  private NothingAcknowledgedIsLost() {}

  /// @param log the records that clients have appended
  /// @param missed what the log had forgotten, as far as it may, before this copy of the shard
  ///   could apply it
  /// @param found all events of the table, once all records are applied
  /// @param everyIdIsOneEvent whether an event that is dropped as a repetition must be there under
  ///   its first offset
  static void check(
      StreamSpec stream,
      ModelShard log,
      Missed missed,
      List<StoredEvent> found,
      boolean everyIdIsOneEvent) {
    Set<Long> offsets = new HashSet<>();
    Set<Object> uids = new HashSet<>();
    for (StoredEvent event : found) {
      offsets.add(event.offset());
      uids.add(uid(log.record(event.offset())));
    }
    long notBefore =
        stream
            .retain()
            .map(r -> log.streamTime(missed, log.next()) - ModelShard.micros(r))
            .orElse(Long.MIN_VALUE);
    Set<Object> erased = new HashSet<>();
    for (ModelShard.Logged record : log.records()) {
      if (log.isErased(record, log.next())) {
        erased.add(uid(record));
      }
    }
    for (ModelShard.Logged record : log.records()) {
      if (erased.contains(uid(record))) {
        // A copy that was sent later repeats what is gone.
        continue;
      }
      boolean there =
          stream.id().isEmpty()
              ? offsets.contains(record.offset())
              : !everyIdIsOneEvent || uids.contains(uid(record));
      if (record.timeMicros() >= notBefore && !there && !missed.contains(record.offset())) {
        throw new Broken(
            NothingAcknowledgedIsLost.class, "the event at " + record.offset() + " is lost");
      }
    }
  }

  /// The log may be trimmed no further than to where a shard, whose word it was trimmed on, begins
  /// again.
  ///
  /// @param begins the position of the newest checkpoint that can be read
  static void check(ShardFolder folder, long begins) {
    if (begins < folder.trimmed) {
      throw new Broken(
          NothingAcknowledgedIsLost.class,
          "the log begins at %d, the last checkpoint ends at %d".formatted(folder.trimmed, begins));
    }
  }

  private static Object uid(ModelShard.Logged record) {
    return String.valueOf(record.values()[RandomDeclarations.UID]);
  }
}
