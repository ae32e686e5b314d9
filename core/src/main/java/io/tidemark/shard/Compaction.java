package io.tidemark.shard;

import io.tidemark.rollup.MergedRollup;
import io.tidemark.rollup.Rollup;
import io.tidemark.shard.Manifest.SegmentRef;
import io.tidemark.shard.Manifest.ViewState;
import io.tidemark.table.FileSum;
import io.tidemark.table.Merge;
import io.tidemark.table.Rows;
import io.tidemark.table.TableShape;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// Merges neighbouring segments of a view into one, beside everything else: nothing waits for it,
/// and nobody sees it before a checkpoint has taken the merged segment into its manifest in place
/// of its parts. The parts stay on the disk as long as that manifest, or the one before it, or a
/// reader needs them. What a crash leaves behind is named by no manifest and goes at the next
/// start.
public final class Compaction {
  private final Shard shard;
  private final String view;
  private final List<SegmentRef> parts;
  private final String name;
  private volatile @Nullable SegmentRef merged;

  Compaction(Shard shard, ViewState view, List<SegmentRef> parts) {
    this.shard = shard;
    this.view = view.name();
    this.parts = List.copyOf(parts);
    this.name = view.segmentName(parts.getFirst().from(), parts.getLast().to());
  }

  /// What a compaction has done.
  ///
  /// @param segments how many were merged
  /// @param rows of the merged segment
  /// @param read size of the parts in bytes
  /// @param written size of the merged segment in bytes
  public record Report(String view, int segments, long rows, long read, long written) {}

  /// The view whose segments are merged.
  public String view() {
    return view;
  }

  /// How many bytes the segments to be merged have.
  public long bytes() {
    return parts.stream().mapToLong(s -> s.sum().bytes()).sum();
  }

  /// Writes the merged segment, and hands it to the next checkpoint. An interrupted thread gets a
  /// [java.io.InterruptedIOException].
  ///
  /// @throws DamagedException where a part is not as it was written
  /// @throws IOException where that fails otherwise; there is no merged segment then, and nothing
  ///   else has happened
  public Report run() throws IOException {
    try {
      SegmentRef result = view.equals(Manifest.TABLE) ? mergeTable() : mergeRollup();
      merged = result;
      return new Report(view, parts.size(), result.rows(), bytes(), result.sum().bytes());
    } finally {
      if (merged == null) {
        discard();
      }
    }
  }

  /// Gives it up before it has been run.
  public void cancel() {
    shard.compactions().remove(this);
  }

  private void discard() throws IOException {
    try {
      // Where that fails, a checkpoint will.
      shard.segments().delete(name);
    } finally {
      shard.compactions().remove(this);
    }
  }

  private SegmentRef mergeTable() throws IOException {
    long rows = parts.stream().mapToLong(SegmentRef::rows).sum();
    Merge byTime = new Merge(List.of(), List.of(TableShape.TIME, TableShape.OFFSET), rows);
    Rows none = Rows.none(shard.views().tableShape());
    FileSum sum = shard.segments().merge(name, names(), byTime, none);
    return merged(sum, rows, Map.of());
  }

  private SegmentRef mergeRollup() throws IOException {
    List<Rollup.Segment> segments =
        parts.stream().map(s -> new Rollup.Segment(s.name(), s.sets())).toList();
    MergedRollup rollup = MergedRollup.of(shard.views().rollup(view), shard.segments(), segments);
    FileSum sum = shard.segments().merge(name, names(), rollup.merge(), rollup.more());
    return merged(sum, rollup.rows(), rollup.sets());
  }

  private SegmentRef merged(FileSum sum, long rows, Map<Integer, Long> sets) {
    return new SegmentRef(
        name,
        parts.getFirst().from(),
        parts.getLast().to(),
        rows,
        sum,
        parts.stream().mapToLong(SegmentRef::minTime).min().orElseThrow(),
        parts.stream().mapToLong(SegmentRef::maxTime).max().orElseThrow(),
        sets,
        parts.stream().mapToLong(SegmentRef::asOf).min().orElseThrow());
  }

  private List<String> names() {
    return parts.stream().map(SegmentRef::name).toList();
  }

  /// Whether there is a merged segment.
  boolean isDone() {
    return merged != null;
  }

  /// The files that it reads or writes.
  Stream<String> files() {
    return Stream.concat(Stream.of(name), parts.stream().map(SegmentRef::name));
  }

  /// A view's segments with the merged one in place of its parts, if it is there and they all are
  /// still among them: what is too old has gone.
  List<SegmentRef> applyTo(List<SegmentRef> segments) {
    SegmentRef result = merged;
    if (result == null || !segments.containsAll(parts)) {
      return segments;
    }
    List<SegmentRef> after = new ArrayList<>(segments);
    after.set(after.indexOf(parts.getFirst()), result);
    after.removeAll(parts);
    return after;
  }
}
