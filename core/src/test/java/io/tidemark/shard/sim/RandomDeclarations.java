package io.tidemark.shard.sim;

import io.tidemark.app.Measure;
import io.tidemark.app.RollupSpec;
import io.tidemark.app.StreamSpec;
import io.tidemark.app.TimelineSpec;
import io.tidemark.app.ViewSpec;
import io.tidemark.event.EventType;
import io.tidemark.event.Field;
import io.tidemark.event.FieldType;
import io.tidemark.shard.ArchivePolicy;
import io.tidemark.shard.CompactionPolicy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.stream.IntStream;

/// Streams and views of any shape. The first fields are always the same: a number that no other
/// event has, the time, the key, the id.
public final class RandomDeclarations {
  static final int UID = 0;
  static final int TIME = 1;
  static final int KEY = 2;
  static final int ID = 3;
  static final int FIRST_FREE = 4;

  private final SplittableRandom random;

  public RandomDeclarations(SplittableRandom random) {
    this.random = random;
  }

  /// What of a stream is not left to chance.
  ///
  /// @param withId whether it declares an id
  /// @param logKeepBytes see [StreamSpec]
  /// @param archived whether it may be archived
  public record Wanted(boolean withId, int partitions, long logKeepBytes, boolean archived) {
    public Wanted(boolean withId, int partitions, long logKeepBytes) {
      this(withId, partitions, logKeepBytes, false);
    }
  }

  public StreamSpec stream(Wanted wanted) {
    List<Field> fields = new ArrayList<>();
    fields.add(new Field("uid", FieldType.LONG, true));
    fields.add(new Field("at", one(FieldType.TIMESTAMP, FieldType.LONG), true));
    fields.add(new Field("key", one(FieldType.STRING, FieldType.LONG), true));
    fields.add(new Field("id", one(FieldType.STRING, FieldType.LONG), true));
    int free = 2 + random.nextInt(4);
    for (int i = 0; i < free; i++) {
      FieldType type = one(FieldType.values());
      fields.add(new Field("f" + i, type, random.nextInt(3) == 0));
    }
    Optional<Duration> retain = retain();
    return new StreamSpec(
        "s",
        1,
        new EventType("s", fields),
        "",
        random.nextInt(8) == 0 ? StreamSpec.APPEND_TIME : TIME,
        List.of(KEY),
        wanted.withId()
            ? Optional.of(new StreamSpec.IdSpec(ID, Duration.ofSeconds(5 + random.nextInt(60))))
            : Optional.empty(),
        retain,
        wanted.archived() ? hot(retain) : Optional.empty(),
        wanted.partitions(),
        wanted.logKeepBytes(),
        StreamSpec.DEFAULT_MAX_AHEAD);
  }

  /// Segments of few rows are merged, some of which are still not merged with others.
  public static CompactionPolicy compaction(SplittableRandom random) {
    int smallRows = 1 + random.nextInt(20);
    return new CompactionPolicy(
        2 + random.nextInt(2),
        smallRows,
        smallRows + random.nextInt(random.nextBoolean() ? 50 : 1000),
        1_000_000L * (1 + random.nextInt(200)));
  }

  /// Batches of few events.
  public static ArchivePolicy archive(SplittableRandom random) {
    return new ArchivePolicy(1_000_000L * (1 + random.nextInt(60)), 5 + random.nextInt(200));
  }

  private Optional<Duration> hot(Optional<Duration> retain) {
    return random.nextInt(3) == 0
        ? Optional.empty()
        : Optional.of(
            Duration.ofSeconds(random.nextLong(retain.map(Duration::toSeconds).orElse(60L) + 1)));
  }

  /// The same stream with another id, or none.
  public static StreamSpec withId(StreamSpec s, Optional<StreamSpec.IdSpec> id) {
    return new StreamSpec(
        s.name(),
        1,
        s.type(),
        s.schema(),
        s.time(),
        s.key(),
        id,
        s.retain(),
        s.hot(),
        s.partitions(),
        s.logKeepBytes(),
        s.maxAhead());
  }

  public List<ViewSpec> views(StreamSpec stream) {
    List<ViewSpec> views = new ArrayList<>();
    int timelines = 1 + random.nextInt(2);
    for (int i = 0; i < timelines; i++) {
      views.add(timeline(stream, "t" + i));
    }
    int rollups = 1 + random.nextInt(2);
    for (int i = 0; i < rollups; i++) {
      views.add(rollup(stream, "r" + i));
    }
    return views;
  }

  public TimelineSpec timeline(StreamSpec stream, String name) {
    List<Integer> keys = new ArrayList<>(List.of(KEY, KEY, KEY));
    for (int f = FIRST_FREE; f < stream.type().size(); f++) {
      FieldType type = stream.type().field(f).type();
      if (type == FieldType.STRING || type == FieldType.LONG) {
        keys.add(f);
      }
    }
    int split =
        random.nextInt(2) == 0
            ? TimelineSpec.NO_SPLIT
            : FIRST_FREE + random.nextInt(stream.type().size() - FIRST_FREE);
    return new TimelineSpec(
        name,
        stream.name(),
        keys.get(random.nextInt(keys.size())),
        split,
        1 + random.nextInt(4),
        retain());
  }

  public RollupSpec rollup(StreamSpec stream, String name) {
    List<Integer> by = new ArrayList<>();
    int dimensions = random.nextInt(4);
    for (int i = 0; i < dimensions; i++) {
      int field = KEY + random.nextInt(stream.type().size() - KEY);
      if (!by.contains(field) && field != ID) {
        by.add(field);
      }
    }
    int full = (1 << by.size()) - 1;
    List<Integer> sets =
        switch (random.nextInt(3)) {
          case 0 -> List.of();
          case 1 -> IntStream.range(0, full).boxed().toList();
          default -> IntStream.range(0, full).filter(_ -> random.nextBoolean()).boxed().toList();
        };
    List<Measure> measures = new ArrayList<>();
    measures.add(new Measure("count", Measure.Kind.COUNT, Measure.ALL, 0));
    int more = random.nextInt(5);
    for (int i = 0; i < more; i++) {
      measures.add(measure(stream.type(), "m" + i));
    }
    Duration every = Duration.ofSeconds(one(1, 5, 10, 60));
    return new RollupSpec(name, stream.name(), every, by, sets, measures, retain());
  }

  private Measure measure(EventType type, String name) {
    while (true) {
      Measure.Kind kind = one(Measure.Kind.values());
      int field = random.nextInt(type.size());
      FieldType of = type.field(field).type();
      boolean number = of == FieldType.LONG || of == FieldType.DOUBLE;
      boolean fits =
          switch (kind) {
            case COUNT, DISTINCT -> true;
            case MIN, MAX -> number || of == FieldType.TIMESTAMP;
            case SUM, AVG, PERCENTILE -> number;
          };
      if (fits) {
        double share = kind == Measure.Kind.PERCENTILE ? one(0.0, 0.07, 0.5, 0.95, 1.0) : 0;
        return new Measure(name, kind, field, share);
      }
    }
  }

  private Optional<Duration> retain() {
    return random.nextBoolean()
        ? Optional.empty()
        : Optional.of(Duration.ofSeconds(10 + random.nextInt(200)));
  }

  @SafeVarargs
  private <T> T one(T... choices) {
    return choices[random.nextInt(choices.length)];
  }
}
