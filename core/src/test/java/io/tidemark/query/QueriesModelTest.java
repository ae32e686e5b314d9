package io.tidemark.query;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemark.app.App;
import io.tidemark.app.Catalog;
import io.tidemark.app.RollupSpec;
import io.tidemark.app.StreamSpec;
import io.tidemark.app.TimelineSpec;
import io.tidemark.app.ViewSpec;
import io.tidemark.event.FieldType;
import io.tidemark.event.StoredEvent;
import io.tidemark.log.Mark;
import io.tidemark.rollup.Groups;
import io.tidemark.rollup.Rollup;
import io.tidemark.rollup.RollupQuery;
import io.tidemark.shard.CompactionPolicy;
import io.tidemark.shard.MemoryStorage;
import io.tidemark.shard.Shard;
import io.tidemark.shard.ShardSpec;
import io.tidemark.shard.sim.Answers;
import io.tidemark.shard.sim.Missed;
import io.tidemark.shard.sim.ModelShard;
import io.tidemark.shard.sim.RandomDeclarations;
import io.tidemark.shard.sim.RandomEvents;
import io.tidemark.shard.sim.RandomQueries;
import io.tidemark.shard.sim.Seeds;
import io.tidemark.shard.sim.SimLog;
import io.tidemark.shard.sim.SimTopic;
import io.tidemark.table.EventQuery;
import io.tidemark.timeline.TimelineQuery;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/// Queries over all partitions of a stream against the models of its partitions. Half of the shards
/// are on another node: questions and answers go through their codecs.
final class QueriesModelTest {
  private static final Queries.After NOTHING = new Queries.After(Mark.NONE, 0);

  @Test
  void allPartitionsTogetherAnswerAsTheirModels() {
    Seeds.each(QueriesModelTest.class, "runs", 30, seed -> new World(seed).run());
  }

  /// A stream, its partitions and their models.
  private static final class World {
    private final SplittableRandom random;
    private final StreamSpec stream;
    private final List<ViewSpec> views;
    private final Queries queries;
    private final RandomQueries questions;
    private final SimTopic topic;
    private final List<ModelShard> models;
    private final List<Shard> shards = new ArrayList<>();

    World(long seed) throws IOException {
      this.random = new SplittableRandom(seed);
      RandomDeclarations declarations = new RandomDeclarations(random.split());
      int partitions = 1 + random.nextInt(5);
      this.stream =
          declarations.stream(new RandomDeclarations.Wanted(random.nextBoolean(), partitions, 0));
      this.views = declarations.views(stream);
      App app = new App("a", Path.of("a"), List.of(stream), views, List.of());
      this.queries = new Queries(new Catalog(List.of(app)), new TwoNodes());
      this.questions = new RandomQueries(random.split(), stream);
      this.topic =
          new SimTopic(random.split(), stream, new RandomEvents(random.split(), stream, 20));
      this.models = topic.models();
      for (int p = 0; p < partitions; p++) {
        ShardSpec.Limits limits =
            new ShardSpec.Limits(1000, 1L << 40, 0, 20, CompactionPolicy.DEFAULT);
        shards.add(
            Shard.open(
                new ShardSpec(stream, views, p, limits),
                new MemoryStorage(),
                topic.log(p).shardLog(),
                false));
      }
    }

    /// Asks the shards with even numbers here, and the others by what would go over the network.
    private final class TwoNodes implements Shards {
      @Override
      public List<Partial> ask(
          String name, List<Integer> partitions, ShardQuery query, Mark after, long deadlineNanos)
          throws UnavailableException {
        List<Shard> here = new ArrayList<>();
        List<Shard> there = new ArrayList<>();
        partitions.forEach(p -> (p % 2 == 0 ? here : there).add(shards.get(p)));
        List<Partial> partials = new ArrayList<>();
        try {
          if (!here.isEmpty()) {
            partials.add(LocalShards.ask(query, here));
          }
          if (!there.isEmpty()) {
            partials.add(overTheNetwork(query, there));
          }
          return partials;
        } catch (IOException e) {
          throw new UnavailableException("a simulated disk does not fail here", e);
        }
      }

      private Partial overTheNetwork(ShardQuery query, List<Shard> there) throws IOException {
        ByteArrayOutputStream question = new ByteArrayOutputStream();
        QueryCodec.write(query, new DataOutputStream(question));
        ShardQuery asked = QueryCodec.read(input(question));
        ByteArrayOutputStream answer = new ByteArrayOutputStream();
        PartialCodec.write(LocalShards.ask(asked, there), new DataOutputStream(answer));
        cutShort(query, answer.toByteArray());
        return PartialCodec.read(input(answer), () -> emptyGroups(query));
      }

      private void cutShort(ShardQuery query, byte[] answer) {
        byte[] cut = Arrays.copyOf(answer, random.nextInt(answer.length));
        DataInputStream in = new DataInputStream(new ByteArrayInputStream(cut));
        assertThatThrownBy(() -> PartialCodec.read(in, () -> emptyGroups(query)))
            .isInstanceOf(IOException.class);
      }

      private Groups emptyGroups(ShardQuery query) {
        ShardQuery.OfRollup rollup = (ShardQuery.OfRollup) query;
        RollupSpec spec =
            views.stream()
                .filter(v -> v.name().equals(rollup.view()))
                .map(RollupSpec.class::cast)
                .findFirst()
                .orElseThrow();
        return new Rollup(spec, stream.type()).answer(rollup.query());
      }

      private DataInputStream input(ByteArrayOutputStream bytes) {
        return new DataInputStream(new ByteArrayInputStream(bytes.toByteArray()));
      }
    }

    private void run() throws Exception {
      for (int step = 0; step < 12; step++) {
        Mark _ = topic.append(random.nextInt(120));
        for (Shard shard : shards) {
          if (random.nextInt(3) > 0) {
            apply(shard);
          }
          if (random.nextInt(4) == 0) {
            shard.publish();
            shard.beginCheckpoint().run();
          }
        }
        for (int q = 0; q < 6; q++) {
          for (ViewSpec view : views) {
            switch (view) {
              case TimelineSpec spec -> timeline(spec);
              case RollupSpec spec -> rollup(spec);
            }
          }
          table();
        }
      }
    }

    private void apply(Shard shard) {
      SimLog log = topic.log(shard.id().partition());
      while (shard.next() < log.next()) {
        shard.apply(shard.next(), log.appendMs(shard.next()), log.value(shard.next()));
      }
      shard.publish();
    }

    private long next(Mark mark, int partition) {
      return mark.next(shards.get(partition).id());
    }

    private void timeline(TimelineSpec spec) throws Exception {
      TimelineQuery query = questions.timeline(spec, topic.nowMicros());
      Queries.Answer<List<StoredEvent>> answer = queries.timeline(spec, query, NOTHING);
      List<Map<Optional<Object>, List<StoredEvent>>> kept = new ArrayList<>();
      for (int p = 0; p < shards.size(); p++) {
        kept.add(models.get(p).kept(spec, query.key(), Missed.NONE, next(answer.mark(), p)));
      }
      FieldType split =
          spec.split() == TimelineSpec.NO_SPLIT
              ? FieldType.STRING
              : stream.type().field(spec.split()).type();
      Answers.same(
          () -> "timeline " + spec + " " + query,
          ModelShard.timeline(spec, split, query, kept),
          answer.value());
      List<List<StoredEvent>> apart = queries.timelineApart(spec, query, NOTHING).value();
      assertThat(apart).hasSameSizeAs(query.splits());
      for (int i = 0; i < apart.size(); i++) {
        TimelineQuery one =
            new TimelineQuery(
                query.key(),
                query.from(),
                query.to(),
                List.of(query.splits().get(i)),
                query.limit());
        Answers.same(
            () -> "apart " + spec + " " + one,
            ModelShard.timeline(spec, split, one, kept),
            apart.get(i));
      }
    }

    private void rollup(RollupSpec spec) throws Exception {
      RollupQuery query = questions.rollup(spec, topic.nowMicros());
      Queries.Answer<Groups> answer = queries.rollup(spec, query, NOTHING);
      Map<List<@Nullable Object>, List<ModelShard.Logged>> expected = new HashMap<>();
      long notBefore = Long.MIN_VALUE;
      for (int p = 0; p < shards.size(); p++) {
        models
            .get(p)
            .groups(spec, query, Missed.NONE, next(answer.mark(), p))
            .forEach((k, e) -> expected.computeIfAbsent(k, _ -> new ArrayList<>()).addAll(e));
        long first = models.get(p).firstBucket(spec, Missed.NONE, next(answer.mark(), p));
        notBefore = Math.max(notBefore, first);
      }
      // Only what is whole in all partitions is answered.
      long whole = notBefore;
      expected.keySet().removeIf(group -> (Long) Objects.requireNonNull(group.getFirst()) < whole);
      Answers.same(
          () -> "rollup " + spec + " " + query,
          spec,
          stream.type(),
          query,
          expected,
          answer.value());
    }

    /// All pages one after another are the whole list.
    private void table() throws Exception {
      EventQuery query = questions.events(topic.nowMicros());
      List<StoredEvent> pages = new ArrayList<>();
      Mark mark = Mark.NONE;
      EventQuery page = query;
      while (true) {
        Queries.Answer<List<StoredEvent>> answer = queries.events(stream, page, NOTHING);
        mark = answer.mark();
        pages.addAll(answer.value());
        if (answer.value().size() < query.limit()) {
          break;
        }
        StoredEvent last = answer.value().getLast();
        page =
            new EventQuery(
                query.from(),
                query.to(),
                query.where(),
                query.limit(),
                new EventQuery.Cursor(last.timeMicros(), last.offset(), last.partition()));
      }
      List<StoredEvent> expected = new ArrayList<>();
      long notBefore = Long.MIN_VALUE;
      for (int p = 0; p < shards.size(); p++) {
        expected.addAll(models.get(p).table(query, Missed.NONE, next(mark, p)));
        notBefore = Math.max(notBefore, models.get(p).tableNotBefore(Missed.NONE, next(mark, p)));
      }
      long whole = notBefore;
      expected.removeIf(event -> event.timeMicros() < whole);
      expected.sort(StoredEvent::newestFirst);
      Answers.same(() -> "events " + query, expected, pages);
    }
  }
}
