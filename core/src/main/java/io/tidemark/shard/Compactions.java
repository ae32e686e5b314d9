package io.tidemark.shard;

import io.tidemark.shard.Manifest.SegmentRef;
import io.tidemark.shard.Manifest.ViewState;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;

/// The compactions of a shard that run, or that wait for a checkpoint to take what they have
/// merged: at most one for each view. Begun by one thread, taken by the one that runs a checkpoint.
public final class Compactions {
  private final Shard shard;
  private final CompactionPolicy policy;
  private final Map<String, Compaction> byView = new ConcurrentHashMap<>();

  /// The place of the view that the last one was of: the next is of another where one is due, so
  /// that a view which cannot be merged does not keep the others from it.
  private int begun = -1;

  Compactions(Shard shard, CompactionPolicy policy) {
    this.shard = shard;
    this.policy = policy;
  }

  /// Chooses segments to be merged, of any view; nothing where none are to be.
  ///
  /// @return what merges them; to be run or cancelled, by the same thread, before this is called
  ///   again. It must have ended before the shard is closed
  public Optional<Compaction> begin() {
    // Before the manifest: what a checkpoint takes meanwhile is in the manifest before it goes
    // here.
    Set<String> busy = Set.copyOf(byView.keySet());
    Manifest manifest = shard.manifest();
    List<ViewState> views = manifest.views();
    for (int i = 0; i < views.size(); i++) {
      ViewState view = views.get((begun + 1 + i) % views.size());
      List<SegmentRef> parts =
          busy.contains(view.name())
                  || !view.backfill().isDone()
                  || shard.erasing().comesFirst(view, manifest)
              ? List.of()
              : policy.choose(old(view, manifest));
      if (!parts.isEmpty()) {
        begun = (begun + 1 + i) % views.size();
        Compaction compaction = new Compaction(shard, view, parts);
        byView.put(view.name(), compaction);
        return Optional.of(compaction);
      }
    }
    return Optional.empty();
  }

  /// Those that the checkpoint before the last one had: what came since might have to be forgotten
  /// again, should the log lose its end.
  private static List<SegmentRef> old(ViewState view, Manifest manifest) {
    long before = LogPoints.previous(manifest.points());
    return view.segments().stream().filter(s -> s.to() <= before).toList();
  }

  /// Those whose merged segment a checkpoint is to take.
  List<Compaction> done() {
    return byView.values().stream().filter(Compaction::isDone).toList();
  }

  /// Whether none runs, or waits for a checkpoint.
  boolean isIdle() {
    return byView.isEmpty();
  }

  /// It has failed, or its merged segment has been taken, or will never be.
  void remove(Compaction compaction) {
    byView.remove(compaction.view(), compaction);
  }

  /// What no checkpoint may delete, although no manifest names it.
  Set<String> files() {
    return byView.values().stream().flatMap(Compaction::files).collect(Collectors.toSet());
  }
}
