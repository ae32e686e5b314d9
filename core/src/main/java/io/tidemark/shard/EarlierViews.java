package io.tidemark.shard;

import static java.util.stream.Collectors.toSet;

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

  /// Whether there are files of views that have been left out, for a checkpoint to remove.
  private volatile boolean isLeft;

  /// Whether the last checkpoint could not remove everything, and nobody has looked since.
  private volatile boolean rests;

  /// @param isLeft whether there are files of views that the shard has not got any more
  EarlierViews(Shard shard, boolean isLeft) {
    this.shard = shard;
    this.isLeft = isLeft;
  }

  /// Those that are there.
  public List<String> names() {
    return shard.manifest().views().stream()
        .map(ViewState::name)
        .filter(EarlierView::isNameOfOne)
        .toList();
  }

  /// What the view of a definition is called here: other nodes may still declare it, or not yet.
  ///
  /// @throws FillingException where there is none
  public String nameOf(String view, String definition) throws FillingException {
    return shard.views().nameOf(view, definition, shard.manifest());
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

  /// Whether a view is to go. Others that have just come here may not be filled yet.
  boolean isRetired(String name) {
    String declared = EarlierView.declaredName(name);
    return EarlierView.isNameOfOne(name)
        && answering.contains(declared)
        && shard.manifest().find(declared).filter(v -> v.backfill().isDone()).isPresent();
  }

  /// Whether a checkpoint has something to leave out, or files of it to remove.
  boolean isDue() {
    return isRetiring() || (isLeft && !rests);
  }

  /// Whether a checkpoint has something to leave out.
  boolean isRetiring() {
    return shard.manifest().views().stream().anyMatch(v -> isRetired(v.name()));
  }

  /// A checkpoint has removed what it could.
  ///
  /// @param before the manifest before it, and what was on the disk then: their files stay
  /// @param all whether it has removed all that they do not have
  void cleaned(List<Manifest> before, boolean all) {
    isLeft = isLeft(before, shard.manifest()) || (isLeft && !all);
    rests = !all;
  }

  /// Whether some manifest has views that a later one has left out: under a name that another view
  /// may have now.
  static boolean isLeft(List<Manifest> before, Manifest after) {
    Set<String> stay = after.views().stream().map(ViewState::sortedName).collect(toSet());
    return before.stream()
        .flatMap(m -> m.views().stream())
        .anyMatch(v -> !stay.contains(v.sortedName()));
  }

  /// Whether there may be stores of timelines that have been left out.
  ///
  /// @param before the manifest before the present one, whose stores stay
  boolean mayHaveTimelinesLeft(Manifest before) {
    return isLeft || shard.views().hasTimelinesBut(before, shard.manifest());
  }

  /// Has the next checkpoint try again what the last one could not remove, where nobody reads that
  /// any more.
  void wake() {
    rests = rests && !shard.readers().areQuick();
  }
}
