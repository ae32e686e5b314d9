package io.tidemark.shard;

import io.tidemark.app.ViewSpec;
import io.tidemark.shard.Manifest.LogPoint;
import io.tidemark.shard.Manifest.ViewState;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// The views that a shard shall have, the table among them, beside those that a manifest has.
record DeclaredViews(ShardSpec spec) {
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

  /// Whether segments of a view go once they are old.
  boolean forgets(String view) {
    return view.equals(Manifest.TABLE)
        ? spec.stream().retain().isPresent()
        : spec.rollups().stream().anyMatch(r -> r.name().equals(view) && r.retain().isPresent());
  }

  /// As they begin.
  private List<ViewState> empty(long since) {
    List<ViewState> views = new ArrayList<>();
    views.add(ViewState.empty(Manifest.TABLE, tableDefinition(), since));
    for (ViewSpec view : spec.views()) {
      views.add(ViewState.empty(view.name(), definition(view), since));
    }
    return views;
  }

  /// A manifest with exactly these views: a new one, or one that has changed, starts at the
  /// beginning of the log, and the position with it.
  Manifest fit(Manifest found, List<String> notes) {
    List<ViewState> views = new ArrayList<>();
    LogPoint position = found.position();
    for (ViewState declared : empty(found.number() + 1)) {
      Optional<ViewState> old =
          found.views().stream()
              .filter(v -> v.name().equals(declared.name()) && has(v))
              .findFirst();
      if (old.isEmpty() && found.next() > 0) {
        position = LogPoint.ZERO;
        notes.add("filling view %s from the log".formatted(declared.name()));
      }
      views.add(old.orElse(declared));
    }
    return found
        .of(spec.stream().type())
        .with(found.number(), position, found.reach(), found.ids(), views);
  }
}
