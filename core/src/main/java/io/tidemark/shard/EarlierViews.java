package io.tidemark.shard;

import io.tidemark.app.EarlierView;
import io.tidemark.shard.Manifest.ViewState;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/// The views of a shard that others have taken the place of. They are kept up to date and answer
/// until those are filled: on all shards of the stream, since an answer is of one declaration.
public final class EarlierViews {
  private final Shard shard;

  /// The declared views that answer everywhere.
  private final Set<String> answering = ConcurrentHashMap.newKeySet();

  EarlierViews(Shard shard) {
    this.shard = shard;
  }

  /// Those that are there.
  public List<String> names() {
    return shard.manifest().views().stream()
        .map(ViewState::name)
        .filter(EarlierView::isNameOfOne)
        .toList();
  }

  /// The declared views that are filled here, and still have an earlier one.
  public List<String> replaced() {
    Manifest manifest = shard.manifest();
    return manifest.views().stream()
        .filter(v -> v.backfill().isDone() && !answering.contains(v.name()))
        .map(ViewState::name)
        .filter(name -> manifest.earlier(name).isPresent() && !EarlierView.isNameOfOne(name))
        .toList();
  }

  /// A declared view answers on all copies of all shards of the stream: the next checkpoint leaves
  /// out what it has taken the place of.
  public void retire(String declared) {
    answering.add(declared);
  }

  /// Whether a view is to go.
  boolean isRetired(String name) {
    return EarlierView.isNameOfOne(name) && answering.contains(EarlierView.declaredName(name));
  }

  /// Whether a checkpoint has something to leave out.
  boolean isDue() {
    return shard.manifest().views().stream().anyMatch(v -> isRetired(v.name()));
  }
}
