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

  Compactions(Shard shard, CompactionPolicy policy) {
    this.shard = shard;
    this.policy = policy;
  }

  /// Chooses segments to be merged, of any view; nothing where none are to be.
  ///
  /// @return what merges them; to be run or cancelled, by the same thread, before this is called
  ///   again. It must have ended before the shard is closed
  public Optional<Compaction> begin() {
    for (ViewState view : shard.manifest().views()) {
      List<SegmentRef> parts =
          byView.containsKey(view.name()) ? List.of() : policy.choose(view.segments());
      if (!parts.isEmpty()) {
        Compaction compaction = new Compaction(shard, view, parts);
        byView.put(view.name(), compaction);
        return Optional.of(compaction);
      }
    }
    return Optional.empty();
  }

  /// Whether there are merged segments that the next checkpoint takes.
  public boolean haveMerged() {
    return !done().isEmpty();
  }

  /// Those whose merged segment a checkpoint is to take.
  List<Compaction> done() {
    return byView.values().stream().filter(Compaction::isDone).toList();
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
