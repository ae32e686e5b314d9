package io.tidemark.shard.sim;

import io.tidemark.app.RollupSpec;
import io.tidemark.app.StreamSpec;
import io.tidemark.app.TimelineSpec;
import io.tidemark.app.ViewSpec;
import io.tidemark.event.FieldType;
import io.tidemark.event.StoredEvent;
import io.tidemark.log.Mark;
import io.tidemark.log.StreamPartition;
import io.tidemark.query.Queries;
import io.tidemark.query.Shards;
import io.tidemark.rollup.Groups;
import io.tidemark.rollup.RollupQuery;
import io.tidemark.table.EventQuery;
import io.tidemark.timeline.TimelineQuery;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/// Invariant: an answer contains exactly what the events below its mark come to, no more, no less,
/// whatever the shards are busy with.
public final class ViewsEqualTheModelAtTheirMark {
  /// What the table is called among the views.
  public static final String TABLE = "_events";

  private final StreamSpec stream;
  private final SimTopic topic;
  private final SplittableRandom random;
  private final RandomQueries queries;

  public ViewsEqualTheModelAtTheirMark(StreamSpec stream, SimTopic topic, SplittableRandom random) {
    this.stream = stream;
    this.topic = topic;
    this.random = random;
    this.queries = new RandomQueries(random, stream);
  }

  /// What views are made of where they were asked.
  @FunctionalInterface
  public interface Known {
    Known EVERYTHING = (_, _) -> Missed.NONE;

    /// What the shard that has just answered for a partition had missed.
    Missed missed(String view, int partition);
  }

  /// Whom to ask, and for what.
  ///
  /// @param views those that are declared
  public record Asked(Queries queries, List<ViewSpec> views, Known known, Queries.After after) {}

  /// Asks one question of any kind.
  ///
  /// @return the answer's mark
  public Mark check(Asked asked) throws Shards.NotVisibleException, Shards.UnavailableException {
    int which = random.nextInt(asked.views().size() + 1);
    if (which == asked.views().size()) {
      return table(asked);
    }
    return switch (asked.views().get(which)) {
      case TimelineSpec spec -> timeline(asked, spec);
      case RollupSpec spec -> rollup(asked, spec);
    };
  }

  /// Asks many.
  public void check(Asked asked, int times)
      throws Shards.NotVisibleException, Shards.UnavailableException {
    for (int i = 0; i < times; i++) {
      Mark _ = check(asked);
    }
  }

  /// One partition's part of an answer.
  private record Part(ModelShard model, Missed missed, long next) {}

  private List<Part> parts(Asked asked, String view, Mark mark) {
    List<Part> parts = new ArrayList<>();
    for (Map.Entry<StreamPartition, Long> entry : mark.next().entrySet()) {
      int partition = entry.getKey().partition();
      long next = entry.getValue();
      if (next > topic.log(partition).next()) {
        throw new Broken(getClass(), "an answer at " + mark + " is beyond the log");
      }
      Missed missed = asked.known().missed(view, partition);
      // Of all that the log has: a shard may be asked that has gone back.
      ModelShard model = topic.model(partition);
      if (missed.notBefore() > model.tableNotBefore(missed, model.next())) {
        throw new Broken(getClass(), view + " does not answer what the table has");
      }
      parts.add(new Part(topic.model(partition), missed, next));
    }
    return parts;
  }

  private Mark timeline(Asked asked, TimelineSpec spec)
      throws Shards.NotVisibleException, Shards.UnavailableException {
    Queries.Asked<TimelineSpec, TimelineQuery, List<StoredEvent>> answered =
        asked.queries().timeline(spec, v -> queries.timeline(v, topic.nowMicros()), asked.after());
    return timeline(asked, answered.view(), answered.query(), answered.answer());
  }

  private Mark timeline(
      Asked asked,
      TimelineSpec spec,
      TimelineQuery query,
      Queries.Answer<List<StoredEvent>> answer) {
    FieldType split =
        spec.split() == TimelineSpec.NO_SPLIT
            ? FieldType.STRING
            : stream.type().field(spec.split()).type();
    List<Map<Optional<Object>, List<StoredEvent>>> kept = new ArrayList<>();
    for (Part part : parts(asked, spec.name(), answer.mark())) {
      kept.add(part.model().kept(spec, query.key(), part.missed(), part.next()));
    }
    Answers.same(
        () -> "timeline " + spec + " at " + answer.mark() + ", " + query,
        ModelShard.timeline(spec, split, query, kept),
        answer.value());
    return answer.mark();
  }

  private Mark rollup(Asked asked, RollupSpec spec)
      throws Shards.NotVisibleException, Shards.UnavailableException {
    Queries.Asked<RollupSpec, RollupQuery, Groups> answered =
        asked.queries().rollup(spec, v -> queries.rollup(v, topic.nowMicros()), asked.after());
    return rollup(asked, answered.view(), answered.query(), answered.answer());
  }

  private Mark rollup(
      Asked asked, RollupSpec spec, RollupQuery query, Queries.Answer<Groups> answer) {
    Map<List<@Nullable Object>, List<ModelShard.Logged>> expected = new HashMap<>();
    long notBefore = Long.MIN_VALUE;
    for (Part part : parts(asked, spec.name(), answer.mark())) {
      part.model()
          .groups(spec, query, part.missed(), part.next())
          .forEach((k, e) -> expected.computeIfAbsent(k, _ -> new ArrayList<>()).addAll(e));
      notBefore = Math.max(notBefore, part.model().firstBucket(spec, part.missed(), part.next()));
    }
    // Only what is whole in all partitions is answered.
    long whole = notBefore;
    expected.keySet().removeIf(group -> (Long) Objects.requireNonNull(group.getFirst()) < whole);
    Answers.same(
        () -> "rollup " + spec + " at " + answer.mark() + ", " + query,
        spec,
        stream.type(),
        query,
        expected,
        answer.value());
    return answer.mark();
  }

  private Mark table(Asked asked) throws Shards.NotVisibleException, Shards.UnavailableException {
    EventQuery query = queries.events(topic.nowMicros());
    Queries.Answer<List<StoredEvent>> answer = asked.queries().events(stream, query, asked.after());
    List<StoredEvent> expected = new ArrayList<>();
    long notBefore = Long.MIN_VALUE;
    for (Part part : parts(asked, TABLE, answer.mark())) {
      expected.addAll(part.model().table(query, part.missed(), part.next()));
      notBefore = Math.max(notBefore, part.model().tableNotBefore(part.missed(), part.next()));
    }
    long whole = notBefore;
    Answers.same(
        () -> "table at " + answer.mark() + ", " + query,
        expected.stream()
            .filter(e -> e.timeMicros() >= whole)
            .sorted(StoredEvent::newestFirst)
            .limit(query.limit())
            .toList(),
        answer.value());
    return answer.mark();
  }
}
