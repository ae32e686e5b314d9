package io.tidemark.shard;

import io.tidemark.app.EarlierView;
import io.tidemark.app.ViewSpec;
import io.tidemark.shard.Manifest.LogPoint;
import io.tidemark.shard.Manifest.ViewState;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/// The views that a shard shall have, the table among them, beside those that a manifest has.
///
/// @param spec with the earlier views that answer for declared ones, where they are known
record DeclaredViews(ShardSpec spec) {
  /// A manifest in which views have the names by which they are known now.
  ///
  /// @param spec with the earlier views of the manifest
  record Known(ShardSpec spec, Manifest manifest) {}

  /// Finds the views of a manifest that have another declaration now. They are [EarlierView]s from
  /// now on; those that are whole answer for the declared ones.
  Known known(Manifest found) {
    List<ViewState> states = new ArrayList<>();
    for (ViewState state : found.views()) {
      String name = EarlierView.declaredName(state.name());
      states.add(
          declared(name)
              .map(v -> definition(v).equals(state.definition()))
              .map(same -> same ? name : EarlierView.name(name, state.definition()))
              .map(state::named)
              .orElse(state));
    }
    List<ViewSpec> views = new ArrayList<>(spec.views());
    for (ViewSpec view : spec.views()) {
      List<ViewSpec> earlier =
          states.stream()
              .filter(s -> EarlierView.isNameOfOne(s.name()) && s.backfill().isDone())
              .filter(s -> EarlierView.declaredName(s.name()).equals(view.name()))
              .sorted(Comparator.comparingLong(ViewState::since))
              .flatMap(s -> earlier(view, s).stream())
              .toList();
      // Each costs as much as the declared one. The first answered on all shards; the last may.
      if (!earlier.isEmpty()) {
        views.add(earlier.getFirst());
      }
      if (earlier.size() > 1) {
        views.add(earlier.getLast());
      }
    }
    return new Known(spec.of(views), found.of(states));
  }

  private Optional<ViewSpec> earlier(ViewSpec view, ViewState state) {
    return EarlierView.read(view.name(), state.definition(), spec.stream().type())
        .filter(earlier -> earlier.getClass().equals(view.getClass()));
  }

  private Optional<ViewSpec> declared(String name) {
    return spec.views().stream().filter(v -> v.name().equals(name)).findFirst();
  }

  /// The table's rows depend on nothing but the stream's shape, which has been compared. But a
  /// table that began with another retention may have less, or more, than this one says.
  String tableDefinition() {
    return "table retain=" + spec.stream().retain().map(Object::toString).orElse("none");
  }

  private String definition(ViewSpec view) {
    return view.definition(spec.stream().type());
  }

  /// Whether a view of a manifest is one of them.
  boolean has(ViewState view) {
    return view.name().equals(Manifest.TABLE)
        || spec.views().stream()
            .anyMatch(v -> v.name().equals(view.name()) && definition(v).equals(view.definition()));
  }

  boolean isTimeline(String view) {
    return spec.timelines().stream().anyMatch(t -> t.name().equals(view));
  }

  /// Whether the table keeps all that a view is made of.
  boolean tableHasAllOf(String view) {
    Optional<Duration> kept = spec.stream().retain();
    return spec.views().stream()
        .filter(v -> v.name().equals(view))
        .anyMatch(
            v ->
                kept.isEmpty() || v.retain().filter(r -> r.compareTo(kept.get()) <= 0).isPresent());
  }

  /// Whether segments of a view go once they are old.
  boolean forgets(String view) {
    return view.equals(Manifest.TABLE)
        ? spec.stream().retain().isPresent()
        : spec.rollups().stream().anyMatch(r -> r.name().equals(view) && r.retain().isPresent());
  }

  /// As they begin.
  private List<ViewState> empty(long since, LogPoint position) {
    List<ViewState> views = new ArrayList<>();
    views.add(ViewState.empty(Manifest.TABLE, tableDefinition(), since, position));
    for (ViewSpec view : spec.views()) {
      views.add(ViewState.empty(view.name(), definition(view), since, position));
    }
    return views;
  }

  /// As they begin on a node that has nothing of the stream, where the log has forgotten its start:
  /// the archive has it.
  List<ViewState> filledFromArchive(long logStart) {
    return empty(1, LogPoint.ZERO).stream()
        .map(v -> v.name().equals(Manifest.TABLE) ? v : ViewState.fresh(v, logStart))
        .toList();
  }

  /// Those that a manifest with exactly these views has. An earlier one that was not whole is not
  /// made again.
  ShardSpec of(Manifest fitted) {
    return spec.of(spec.views().stream().filter(v -> fitted.find(v.name()).isPresent()).toList());
  }

  /// A manifest with exactly these views. A new one, or one that has changed, begins where the
  /// shard is, and is filled with what was there before ([Backfilling]).
  Manifest fit(Manifest found, List<String> notes) {
    List<ViewState> views = new ArrayList<>();
    for (ViewState declared : empty(found.number() + 1, found.position())) {
      Optional<ViewState> old =
          found.views().stream()
              .filter(v -> v.name().equals(declared.name()) && has(v))
              .findFirst();
      if (old.isEmpty() && EarlierView.isNameOfOne(declared.name())) {
        continue;
      }
      if (old.isEmpty() && found.next() > 0) {
        notes.add(
            found.earlier(declared.name()).filter(this::has).isPresent()
                ? "view %s has changed and is being filled; what it was before answers until then"
                    .formatted(declared.name())
                : "view %s is new and is being filled".formatted(declared.name()));
      }
      views.add(old.orElse(declared));
    }
    return found
        .of(spec.stream().type())
        .with(found.number(), found.position(), found.reach(), found.ids(), views, Long.MAX_VALUE);
  }
}
