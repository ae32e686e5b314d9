package io.tidemark.shard.sim;

import io.tidemark.app.RollupSpec;
import io.tidemark.app.StreamSpec;
import io.tidemark.app.TimelineSpec;
import io.tidemark.app.ViewSpec;
import io.tidemark.event.FieldType;
import io.tidemark.event.StoredEvent;
import io.tidemark.query.LocalShards;
import io.tidemark.query.Partial;
import io.tidemark.query.ShardQuery;
import io.tidemark.rollup.RollupQuery;
import io.tidemark.shard.Shard;
import io.tidemark.table.EventQuery;
import io.tidemark.timeline.Timeline;
import io.tidemark.timeline.TimelineQuery;
import java.io.IOException;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.ToLongFunction;

/// Invariant: an answer contains exactly what the events below its mark come to, no more, no less,
/// whatever the shard is busy with.
public final class ViewsEqualTheModelAtTheirMark {
  /// What the table is called among the views.
  public static final String TABLE = "_events";

  private final StreamSpec stream;
  private final ModelShard model;
  private final SplittableRandom random;
  private final RandomQueries queries;

  public ViewsEqualTheModelAtTheirMark(
      StreamSpec stream, ModelShard model, SplittableRandom random) {
    this.stream = stream;
    this.model = model;
    this.random = random;
    this.queries = new RandomQueries(random, stream);
  }

  /// Asks one question of any kind.
  ///
  /// @param since the first offset that each view, by name, has seen
  /// @param now the client's time, around which questions are asked
  public void check(Shard shard, ToLongFunction<String> since, long now) throws IOException {
    List<ViewSpec> views = shard.spec().views();
    int which = random.nextInt(views.size() + 1);
    if (which == views.size()) {
      table(shard, since.applyAsLong(TABLE), now);
      return;
    }
    ViewSpec view = views.get(which);
    long from = since.applyAsLong(view.name());
    switch (view) {
      case TimelineSpec spec -> timeline(shard, spec, from, now);
      case RollupSpec spec -> rollup(shard, spec, from, now);
    }
  }

  /// Asks many.
  public void check(Shard shard, ToLongFunction<String> since, long now, int times)
      throws IOException {
    for (int i = 0; i < times; i++) {
      check(shard, since, now);
    }
  }

  private long next(Shard shard, Partial partial, long visible) {
    long next = partial.mark().next(shard.id());
    if (next < visible || next > model.next()) {
      throw new AssertionError("an answer at " + next + ", while " + visible + " is visible");
    }
    return next;
  }

  private void timeline(Shard shard, TimelineSpec spec, long since, long now) throws IOException {
    TimelineQuery query = queries.timeline(spec, now);
    long visible = shard.visibleNext();
    Partial.OfTimeline partial =
        (Partial.OfTimeline)
            LocalShards.ask(new ShardQuery.OfTimeline(spec.name(), query), List.of(shard));
    long next = next(shard, partial, visible);
    FieldType split =
        spec.split() == TimelineSpec.NO_SPLIT
            ? FieldType.STRING
            : stream.type().field(spec.split()).type();
    Answers.same(
        "timeline " + spec + " since " + since + " at " + next + ", " + query,
        ModelShard.timeline(
            spec, split, query, List.of(model.kept(spec, query.key(), since, next))),
        new Timeline(spec, stream.type()).merge(List.of(partial.newest()), query));
  }

  private void rollup(Shard shard, RollupSpec spec, long since, long now) throws IOException {
    RollupQuery query = queries.rollup(spec, now);
    long visible = shard.visibleNext();
    Partial.OfRollup partial =
        (Partial.OfRollup)
            LocalShards.ask(new ShardQuery.OfRollup(spec.name(), query), List.of(shard));
    long next = next(shard, partial, visible);
    Answers.same(
        "rollup " + spec + " since " + since + " at " + next + ", " + query,
        spec,
        stream.type(),
        query,
        model.groups(spec, query, since, next),
        partial.groups());
  }

  private void table(Shard shard, long since, long now) throws IOException {
    EventQuery query = queries.events(now);
    long visible = shard.visibleNext();
    Partial.OfEvents partial =
        (Partial.OfEvents)
            LocalShards.ask(new ShardQuery.OfEvents(stream.name(), query), List.of(shard));
    long next = next(shard, partial, visible);
    List<StoredEvent> answer =
        partial.events().stream().sorted(StoredEvent::newestFirst).limit(query.limit()).toList();
    Answers.same(
        "table since " + since + " at " + next + ", " + query,
        model.table(query, since, next).stream().limit(query.limit()).toList(),
        answer);
  }
}
