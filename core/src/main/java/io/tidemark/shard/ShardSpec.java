package io.tidemark.shard;

import io.tidemark.app.RollupSpec;
import io.tidemark.app.StreamSpec;
import io.tidemark.app.TimelineSpec;
import io.tidemark.app.ViewSpec;
import io.tidemark.event.EventDecoder;
import io.tidemark.event.Shapes;
import io.tidemark.log.StreamPartition;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// What a shard is made for.
///
/// @param views the views of the stream
/// @param limits when to make a checkpoint
/// @param shapes in which the stream's events have been written besides the present one
public record ShardSpec(
    StreamSpec stream, List<ViewSpec> views, int partition, Limits limits, Shapes shapes) {
  public ShardSpec {
    views = List.copyOf(views);
  }

  /// A shard of a stream whose schema has never changed.
  public ShardSpec(StreamSpec stream, List<ViewSpec> views, int partition, Limits limits) {
    this(stream, views, partition, limits, Shapes.NO_OTHERS);
  }

  /// The same with other views.
  ShardSpec of(List<ViewSpec> others) {
    return new ShardSpec(stream, others, partition, limits, shapes);
  }

  /// What reads its records.
  EventDecoder decoder() {
    return new EventDecoder(stream.type(), shapes);
  }

  /// When something has grown enough.
  ///
  /// @param tailRows how many rows at most
  /// @param tailBytes how much memory at most, about
  /// @param tailAgeMs how long after its first row at most
  /// @param sweepEntries below this many entries a sorted store is not swept
  /// @param compaction which segments are merged
  /// @param archive what goes into the archive
  public record Limits(
      int tailRows,
      long tailBytes,
      long tailAgeMs,
      long sweepEntries,
      CompactionPolicy compaction,
      ArchivePolicy archive) {
    public Limits(
        int tailRows,
        long tailBytes,
        long tailAgeMs,
        long sweepEntries,
        CompactionPolicy compaction) {
      this(tailRows, tailBytes, tailAgeMs, sweepEntries, compaction, ArchivePolicy.DEFAULT);
    }

    /// A million rows seal in about two seconds; ten minutes make a day's history 144 files. A
    /// sweep reads the whole store; of less than 200 000 entries there is too little to gain.
    public static final Limits DEFAULT =
        new Limits(1 << 20, 256 << 20, 600_000, 200_000, CompactionPolicy.DEFAULT);
  }

  StreamPartition id() {
    return new StreamPartition(stream.name(), partition);
  }

  List<RollupSpec> rollups() {
    return views.stream().filter(RollupSpec.class::isInstance).map(RollupSpec.class::cast).toList();
  }

  List<TimelineSpec> timelines() {
    return views.stream()
        .filter(TimelineSpec.class::isInstance)
        .map(TimelineSpec.class::cast)
        .toList();
  }

  /// This shard's part of the bytes that the stream's log keeps at least.
  long logKeepBytes() {
    return stream.logKeepBytes() / stream.partitions();
  }

  /// The path of the field of the ids that are remembered.
  Optional<String> idField() {
    return stream.id().map(id -> stream.type().field(id.field()).path());
  }

  /// Whether there is anything that lies in sorted stores.
  boolean hasSortedStores() {
    return stream.id().isPresent() || !timelines().isEmpty();
  }

  /// The fields by which tails are indexed.
  List<Integer> indexed() {
    List<Integer> fields = new ArrayList<>();
    timelines().forEach(t -> fields.add(t.by()));
    return fields;
  }
}
