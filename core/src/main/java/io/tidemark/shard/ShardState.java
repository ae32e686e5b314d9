package io.tidemark.shard;

import io.tidemark.shard.Manifest.Backfill;
import io.tidemark.shard.Manifest.SegmentRef;
import io.tidemark.shard.Manifest.ViewState;
import io.tidemark.table.Tail;
import io.tidemark.table.TailPart;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import org.jspecify.annotations.Nullable;

/// Where a shard's events are at one moment: each in the files of the manifest, in the frozen tail,
/// or in the active one. Replaced as a whole, so that readers always see a consistent one.
///
/// @param erasures what is to be gone, of what the active tail has shown or will show
/// @param readers whoever reads the manifest's files holds it shared; a new manifest brings a new
///   one
record ShardState(
    Manifest manifest,
    @Nullable Tail frozen,
    Tail active,
    Erasures erasures,
    ReentrantReadWriteLock readers) {
  /// What a reader of one view sees, all of one moment.
  ///
  /// @param archived of the table, what lies in the archive
  /// @param next the view contains exactly the events below this offset
  /// @param sealedNext those below this offset are in files
  /// @param backfill how much it has of what was there before it
  /// @param erasures what of it is to be gone
  record Seen(
      List<SegmentRef> segments,
      Archived archived,
      List<TailPart> tails,
      long next,
      long sealedNext,
      long streamTime,
      Backfill backfill,
      Erasures erasures) {}

  /// How many rows are in memory.
  int tailRows() {
    return active.view().rows() + (frozen == null ? 0 : frozen.view().rows());
  }

  Seen see(String viewName) {
    return see(viewName, active.view());
  }

  /// The same for who looks at several views, and wants all of them as they are at one position.
  ///
  /// @param visible what the active tail has shown to the reader
  Seen see(String viewName, Tail.View visible) {
    ViewState view = manifest.view(viewName);
    // A view that is ahead of the position has the events from there in files already.
    long sealedNext = Math.max(view.next(), manifest.next());
    List<TailPart> tails = new ArrayList<>(2);
    if (frozen != null) {
      int rows = frozen.view().rows();
      tails.add(new TailPart(frozen, frozen.firstRow(view.next(), rows), rows));
    }
    tails.add(new TailPart(active, active.firstRow(view.next(), visible.rows()), visible.rows()));
    return new Seen(
        view.segments(),
        viewName.equals(Manifest.TABLE) ? manifest.archived() : Archived.NOTHING,
        tails,
        Math.max(view.next(), visible.next()),
        sealedNext,
        Math.max(view.streamTime(), visible.streamTime()),
        view.backfill(),
        erasures);
  }
}
