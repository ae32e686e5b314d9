package io.tidemark.app;

import io.tidemark.event.EventType;
import java.time.Duration;
import java.util.Optional;

/// A declared view: a deterministic fold over a stream's events. Every stream has a table besides,
/// which nobody needs to declare.
public sealed interface ViewSpec permits RollupSpec, TimelineSpec {
  /// `[a-z][a-z0-9_]*`, unique among the views of a node; an [EarlierView] has a longer one.
  String name();

  /// The stream it folds.
  String stream();

  /// How far back it answers, in stream time; empty: for ever.
  Optional<Duration> retain();

  /// Text that is equal exactly where two declarations come to the same rows; a view whose
  /// definition changed is another view. It has fields by their paths and types, so that a schema
  /// with more fields, wherever they stand in it, changes no view.
  ///
  /// @param type the shape of the stream's events
  String definition(EventType type);
}
