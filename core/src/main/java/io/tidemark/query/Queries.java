package io.tidemark.query;

import io.tidemark.app.Catalog;
import io.tidemark.app.RollupSpec;
import io.tidemark.app.StreamSpec;
import io.tidemark.app.TimelineSpec;
import io.tidemark.app.ViewSpec;
import io.tidemark.event.Hashing;
import io.tidemark.event.StoredEvent;
import io.tidemark.log.Mark;
import io.tidemark.rollup.Groups;
import io.tidemark.rollup.Rollup;
import io.tidemark.rollup.RollupQuery;
import io.tidemark.table.EventQuery;
import io.tidemark.timeline.Timeline;
import io.tidemark.timeline.TimelineQuery;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.IntStream;

/// Answers queries about declared streams and views.
public final class Queries {
  private final Catalog catalog;
  private final Shards shards;

  /// Of the declared views: each question has that of its view.
  private final Map<ViewSpec, String> definitions = new HashMap<>();

  public Queries(Catalog catalog, Shards shards) {
    this.catalog = catalog;
    this.shards = shards;
    catalog.views().forEach(v -> definitions.put(v, v.definition(catalog.streamOf(v).type())));
  }

  /// An answer and what it stands for.
  public record Answer<T>(T value, Mark mark) {}

  /// The answer to a question about a view that may have changed.
  ///
  /// @param view that answers: the declared one, or the one that it takes the place of
  /// @param query what that was asked
  public record Asked<V extends ViewSpec, Q, T>(V view, Q query, Answer<T> answer) {
    /// The same answer in another form.
    public <F> Asked<V, Q, F> as(F form) {
      return new Asked<>(view, query, new Answer<>(form, answer.mark()));
    }
  }

  /// What a query waits for, and how long.
  ///
  /// @param mark what the answer must contain at least
  /// @param deadlineNanos when to give up, on the clock of [System#nanoTime]
  public record After(Mark mark, long deadlineNanos) {}

  /// The newest events of a key, newest first; from the timeline that a changed one takes the place
  /// of, until that is filled.
  ///
  /// @param query asks either of them
  public Asked<TimelineSpec, TimelineQuery, List<StoredEvent>> timeline(
      TimelineSpec spec, Function<TimelineSpec, TimelineQuery> query, After after)
      throws Shards.NotVisibleException, Shards.UnavailableException {
    return versions(spec, alike(spec, query)).ask((v, q) -> timeline(v, q, after));
  }

  /// The newest events of a key, newest first.
  public Answer<List<StoredEvent>> timeline(TimelineSpec spec, TimelineQuery query, After after)
      throws Shards.NotVisibleException, Shards.UnavailableException {
    return timeline(spec, query, after, Timeline::merge);
  }

  /// The newest events of a key, apart for each split value that the query names, in its order;
  /// each list newest first and up to the query's limit.
  public Answer<List<List<StoredEvent>>> timelineApart(
      TimelineSpec spec, TimelineQuery query, After after)
      throws Shards.NotVisibleException, Shards.UnavailableException {
    return timeline(spec, query, after, Timeline::mergeApart);
  }

  /// The same, from the timeline that a changed one takes the place of, until that is filled.
  ///
  /// @param query asks either of them
  public Asked<TimelineSpec, TimelineQuery, List<List<StoredEvent>>> timelineApart(
      TimelineSpec spec, Function<TimelineSpec, TimelineQuery> query, After after)
      throws Shards.NotVisibleException, Shards.UnavailableException {
    return versions(spec, alike(spec, query)).ask((v, q) -> timelineApart(v, q, after));
  }

  /// A key of one field is none of another.
  private static Function<TimelineSpec, TimelineQuery> alike(
      TimelineSpec declared, Function<TimelineSpec, TimelineQuery> query) {
    return view -> {
      if (view.by() != declared.by() || view.split() != declared.split()) {
        throw new IllegalArgumentException("by another field");
      }
      return query.apply(view);
    };
  }

  /// Makes one answer of those of several shards.
  private interface Merging<T> {
    T merge(Timeline timeline, List<Map<Integer, List<StoredEvent>>> answers, TimelineQuery query);
  }

  private <T> Answer<T> timeline(
      TimelineSpec spec, TimelineQuery query, After after, Merging<T> merging)
      throws Shards.NotVisibleException, Shards.UnavailableException {
    StreamSpec stream = catalog.streamOf(spec);
    boolean keyed = stream.key().equals(List.of(spec.by()));
    List<Integer> partitions =
        keyed ? List.of(Hashing.partition(query.key(), stream.partitions())) : all(stream);
    Mark mark = Mark.NONE;
    List<Map<Integer, List<StoredEvent>>> answers = new ArrayList<>();
    ShardQuery ofTimeline = new ShardQuery.OfTimeline(spec.name(), definition(spec), query);
    for (Partial part : ask(stream, partitions, ofTimeline, after)) {
      mark = mark.and(part.mark());
      answers.add(((Partial.OfTimeline) part).newest());
    }
    return new Answer<>(merging.merge(new Timeline(spec, stream.type()), answers, query), mark);
  }

  /// The groups of a rollup; of the one that a changed one takes the place of, until that is
  /// filled.
  ///
  /// @param query asks either of them
  public Asked<RollupSpec, RollupQuery, Groups> rollup(
      RollupSpec spec, Function<RollupSpec, RollupQuery> query, After after)
      throws Shards.NotVisibleException, Shards.UnavailableException {
    return versions(spec, query).ask((v, q) -> rollup(v, q, after));
  }

  /// The groups of a rollup.
  public Answer<Groups> rollup(RollupSpec spec, RollupQuery query, After after)
      throws Shards.NotVisibleException, Shards.UnavailableException {
    StreamSpec stream = catalog.streamOf(spec);
    Mark mark = Mark.NONE;
    long notBefore = Long.MIN_VALUE;
    List<Groups> answers = new ArrayList<>();
    ShardQuery ofRollup = new ShardQuery.OfRollup(spec.name(), definition(spec), query);
    for (Partial part : ask(stream, all(stream), ofRollup, after)) {
      Partial.OfRollup rollup = (Partial.OfRollup) part;
      mark = mark.and(part.mark());
      notBefore = Math.max(notBefore, rollup.notBefore());
      answers.add(rollup.groups());
    }
    // A bucket that some shard has forgotten, in part or whole, would be a wrong answer.
    Groups groups = new Rollup(spec, stream.type()).answer(query);
    for (Groups answer : answers) {
      groups.merge(answer, notBefore);
    }
    return new Answer<>(groups, mark);
  }

  /// Events, newest first.
  public Answer<List<StoredEvent>> events(StreamSpec stream, EventQuery query, After after)
      throws Shards.NotVisibleException, Shards.UnavailableException {
    Mark mark = Mark.NONE;
    long notBefore = Long.MIN_VALUE;
    List<StoredEvent> events = new ArrayList<>();
    for (Partial part :
        ask(stream, all(stream), new ShardQuery.OfEvents(stream.name(), query), after)) {
      Partial.OfEvents some = (Partial.OfEvents) part;
      mark = mark.and(part.mark());
      notBefore = Math.max(notBefore, some.notBefore());
      events.addAll(some.events());
    }
    long oldest = notBefore;
    List<StoredEvent> newest =
        StoredEvent.newest(events.stream().filter(e -> e.timeMicros() >= oldest), query.limit());
    return new Answer<>(newest, mark);
  }

  private String definition(ViewSpec view) {
    String known = definitions.get(view);
    return known != null ? known : view.definition(catalog.streamOf(view).type());
  }

  private <V extends ViewSpec, Q> Versions<V, Q> versions(V declared, Function<V, Q> query) {
    return new Versions<>(declared, catalog.streamOf(declared).type(), query);
  }

  private List<Partial> ask(
      StreamSpec stream, List<Integer> partitions, ShardQuery query, After after)
      throws Shards.NotVisibleException, Shards.UnavailableException {
    return shards.ask(stream.name(), partitions, query, after.mark(), after.deadlineNanos());
  }

  private static List<Integer> all(StreamSpec stream) {
    return IntStream.range(0, stream.partitions()).boxed().toList();
  }
}
