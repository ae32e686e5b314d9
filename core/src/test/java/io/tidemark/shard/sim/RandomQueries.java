package io.tidemark.shard.sim;

import io.tidemark.app.RollupSpec;
import io.tidemark.app.StreamSpec;
import io.tidemark.app.TimelineSpec;
import io.tidemark.event.Field;
import io.tidemark.event.FieldType;
import io.tidemark.rollup.RollupQuery;
import io.tidemark.table.Condition;
import io.tidemark.table.EventQuery;
import io.tidemark.table.TableShape;
import io.tidemark.timeline.TimelineQuery;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.SplittableRandom;

/// Questions of every kind about a stream's views.
public final class RandomQueries {
  private final SplittableRandom random;
  private final StreamSpec stream;

  public RandomQueries(SplittableRandom random, StreamSpec stream) {
    this.random = random;
    this.stream = stream;
  }

  private record Range(long from, long to) {}

  /// A range of time around now, or all time.
  private Range range(long now) {
    if (random.nextInt(3) == 0) {
      return new Range(-(1L << 50), 1L << 60);
    }
    long to = now + 5_000_000 - random.nextLong(60_000_000);
    return new Range(to - random.nextLong(200_000_000), to);
  }

  public TimelineQuery timeline(TimelineSpec spec, long now) {
    Object key =
        spec.by() == RandomDeclarations.KEY
            ? RandomEvents.key(random, stream.type())
            : present(stream.type().field(spec.by()));
    List<byte[]> splits = new ArrayList<>();
    if (spec.split() != TimelineSpec.NO_SPLIT && random.nextBoolean()) {
      Field split = stream.type().field(spec.split());
      int wanted = 1 + random.nextInt(2);
      for (int i = 0; i < wanted; i++) {
        splits.add(ModelShard.utf8(ModelShard.text(split.type(), present(split))));
      }
    }
    Range range = range(now);
    int limit = random.nextBoolean() ? 100 : 1 + random.nextInt(4);
    return new TimelineQuery(
        ModelShard.utf8(key.toString()), range.from(), range.to(), splits, limit);
  }

  public RollupQuery rollup(RollupSpec spec, long now) {
    long width = spec.everyMicros();
    Range range = range(now);
    List<Integer> by = new ArrayList<>();
    List<RollupQuery.Filter> where = new ArrayList<>();
    for (int d = 0; d < spec.by().size(); d++) {
      if (random.nextInt(3) == 0) {
        by.add(d);
      }
      if (random.nextInt(4) == 0) {
        where.add(filter(d, stream.type().field(spec.by().get(d)), spec.by().get(d)));
      }
    }
    List<Integer> measures = new ArrayList<>();
    for (int m = 0; m < spec.measures().size(); m++) {
      if (random.nextInt(3) > 0) {
        measures.add(random.nextInt(measures.size() + 1), m);
      }
    }
    return new RollupQuery(
        Math.floorDiv(range.from(), width) * width,
        Math.floorDiv(range.to(), width) * width,
        width * (random.nextBoolean() ? 1 : 1 + random.nextInt(10)),
        by,
        where,
        measures,
        RollupQuery.DEFAULT_LIMIT);
  }

  private RollupQuery.Filter filter(int dimension, Field field, int index) {
    List<byte[]> texts = new ArrayList<>();
    List<Long> words = new ArrayList<>();
    int wanted = random.nextInt(3);
    for (int i = 0; i < wanted; i++) {
      Object value =
          index == RandomDeclarations.KEY
              ? RandomEvents.key(random, stream.type())
              : present(field);
      if (value instanceof Long word) {
        words.add(word);
      } else {
        texts.add(ModelShard.utf8(value.toString()));
      }
    }
    return new RollupQuery.Filter(dimension, texts, words);
  }

  public EventQuery events(long now) {
    List<Condition> where = new ArrayList<>();
    int conditions = random.nextInt(3);
    for (int i = 0; i < conditions; i++) {
      where.add(condition());
    }
    Range range = range(now);
    int limit = random.nextBoolean() ? 1000 : 1 + random.nextInt(10);
    return new EventQuery(range.from(), range.to(), where, limit, null);
  }

  private Condition condition() {
    int index = RandomDeclarations.KEY + random.nextInt(stream.type().size() - 2);
    Field field = stream.type().field(index);
    int column = TableShape.FIRST_FIELD + index;
    Object value =
        index == RandomDeclarations.KEY ? RandomEvents.key(random, stream.type()) : present(field);
    if (value instanceof Long word) {
      return switch (random.nextInt(3)) {
        case 0 -> new Condition.WordIs(column, word);
        case 1 -> new Condition.WordIn(column, List.of(word, word + 1));
        default ->
            field.type() == FieldType.DOUBLE
                ? new Condition.WordIs(column, word)
                : new Condition.WordRange(column, word, Math.max(word, word + 2));
      };
    }
    byte[] text = ModelShard.utf8(value.toString());
    return random.nextBoolean()
        ? new Condition.TextIn(column, List.of(text, ModelShard.utf8("?")))
        : new Condition.AnyContains(
            List.of(column, TableShape.FIRST_FIELD + stream.type().size()),
            random.nextBoolean() ? "ä" : "e");
  }

  private Object present(Field field) {
    return Objects.requireNonNull(
        RandomEvents.value(random, new Field(field.path(), field.type(), true)));
  }
}
