package io.tidemark.shard;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.app.App;
import io.tidemark.app.Catalog;
import io.tidemark.app.StreamSpec;
import io.tidemark.app.ViewSpec;
import io.tidemark.files.SummedText;
import io.tidemark.log.Mark;
import io.tidemark.query.Queries;
import io.tidemark.query.Shards;
import io.tidemark.shard.sim.LocalNode;
import io.tidemark.shard.sim.Missed;
import io.tidemark.shard.sim.RandomDeclarations;
import io.tidemark.shard.sim.RandomEvents;
import io.tidemark.shard.sim.Seeds;
import io.tidemark.shard.sim.SimLog;
import io.tidemark.shard.sim.SimTopic;
import io.tidemark.shard.sim.ViewsEqualTheModelAtTheirMark;
import io.tidemark.shard.sim.ViewsEqualTheModelAtTheirMark.Asked;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/// A shard whose files are damaged, whose log loses its end and gets another one, or whose folder
/// is a mixture of states, and which is declared in another way for a while: whatever it answers
/// once it has caught up is what the log has; it stays closed only where the log has been trimmed.
final class DamageModelTest {
  private static final Map<String, Integer> COVERAGE = new TreeMap<>();

  @Test
  void whatADamagedShardAnswersIsWhatTheLogHas() {
    Seeds.each(DamageModelTest.class, "runs", 1000, seed -> new Run(seed).run());
    System.out.println("DamageModelTest: " + COVERAGE);
    if (System.getProperty("seed") == null) {
      assertThat(COVERAGE)
          .containsKeys(
              "mended",
              "beyond repair",
              "opened",
              "log cut",
              "declared otherwise",
              "found by a question",
              "rotten while open");
    }
  }

  private static void covered(String what) {
    COVERAGE.merge(what, 1, Integer::sum);
  }

  /// Tells whoever replays a seed what happens.
  private static void say(String what) {
    if (System.getProperty("seed") != null) {
      System.out.println("  " + what);
    }
  }

  private static final class Run {
    private final SplittableRandom random;
    private final RandomDeclarations declarations;
    private final SimTopic topic;
    private final SimLog log;
    private final DamagedFolder folder = new DamagedFolder();
    private final ShardSpec spec;
    private final Catalog catalog;
    private final ViewsEqualTheModelAtTheirMark views;
    private final boolean trims;
    private DamagedFolder.State earlier = new DamagedFolder().state();

    /// Whether the shard has not gone back since then: only then a folder can be a mixture.
    private boolean sameLife = true;

    Run(long seed) {
      random = new SplittableRandom(seed);
      declarations = new RandomDeclarations(random.split());
      StreamSpec stream =
          declarations.stream(new RandomDeclarations.Wanted(random.nextBoolean(), 1, 0));
      topic = new SimTopic(random.split(), stream, new RandomEvents(random.split(), stream, 15));
      log = topic.log(0);
      views = new ViewsEqualTheModelAtTheirMark(stream, topic, random.split());
      ShardSpec.Limits limits =
          new ShardSpec.Limits(1 << 20, 1L << 40, 1000, 3, RandomDeclarations.compaction(random));
      List<ViewSpec> declared = declarations.views(stream);
      spec = new ShardSpec(stream, declared, 0, limits);
      catalog =
          new Catalog(List.of(new App("a", Path.of("a"), List.of(stream), declared, List.of())));
      trims = random.nextBoolean();
    }

    void run() throws Exception {
      boolean thorough = false;
      for (int life = 0; life < 10; life++) {
        Mark _ = topic.append(random.nextInt(40));
        try {
          if (random.nextInt(3) == 0 && !liveOtherwise(thorough)) {
            return;
          }
          Shard shard = open(thorough);
          if (shard == null) {
            return;
          }
          thorough = false;
          live(shard);
        } catch (DamagedFolder.Crash _) {
          covered("crash in a checkpoint");
        } catch (IOException | UncheckedIOException | Shards.UnavailableException e) {
          assertThat(DamagedException.in(e)).as("%s", e).isPresent();
          covered("found by a question");
          thorough = true;
          continue;
        } finally {
          folder.crashNoMore();
        }
        for (int times = 1 + random.nextInt(2); times > 0; times--) {
          thorough |= damage();
        }
      }
    }

    /// @return nothing where it stays closed
    private @Nullable Shard open(boolean thorough) throws IOException {
      if (random.nextInt(4) == 0) {
        folder.crashAfter(random.nextInt(25));
        try {
          Shard shard = Shard.open(spec, folder.open(), log.shardLog(), thorough);
          sameLife &= shard.notes().isEmpty();
        } catch (DamagedFolder.Crash _) {
          covered("crash while opening");
          sameLife = false;
        } catch (UnrecoverableException _) {
          // Once more, below.
        }
        folder.crashNoMore();
      }
      try {
        Shard shard = Shard.open(spec, folder.open(), log.shardLog(), thorough);
        covered(shard.notes().isEmpty() ? "opened" : "mended");
        sameLife &= shard.notes().isEmpty();
        say(
            "opened at %d, log %d to %d: %s"
                .formatted(shard.next(), log.start(), log.next(), shard.notes()));
        return shard;
      } catch (UnrecoverableException e) {
        assertThat(log.start()).as("the log's start; %s", e).isPositive();
        covered("beyond repair");
        return null;
      }
    }

    /// Lives that make no checkpoint, declared in another way.
    ///
    /// @return whether everything is as it was, but for what is damaged: nothing was made durable
    private boolean liveOtherwise(boolean thorough) throws Exception {
      ShardSpec other = otherwise();
      covered("declared otherwise");
      say("declared otherwise, id %s: %s".formatted(other.stream().id(), other.views()));
      List<ViewSpec> both = spec.views().stream().filter(other.views()::contains).toList();
      Map<Long, byte[]> before = Map.copyOf(folder.manifests);
      boolean opened = false;
      for (int lives = 1 + random.nextInt(2); lives > 0; lives--) {
        if (random.nextInt(6) == 0) {
          folder.crashAfter(random.nextInt(25));
        }
        try {
          Shard shard = Shard.open(other, folder.open(), log.shardLog(), thorough);
          folder.crashNoMore();
          say("opened at %d: %s".formatted(shard.next(), shard.notes()));
          opened = true;
          sameLife &= shard.notes().stream().allMatch(n -> n.contains("is being filled"));
          apply(shard);
          if (other.stream().id().equals(spec.stream().id())) {
            Set<String> filling = filling(shard);
            views.check(
                asked(shard, both.stream().filter(v -> !filling.contains(v.name())).toList()), 4);
          }
        } catch (DamagedFolder.Crash _) {
          covered("crash while opening");
          sameLife = false;
        } catch (UnrecoverableException e) {
          assertThat(log.start()).as("the log's start; %s", e).isPositive();
          assertThat(opened).as("nothing has happened since it was open; %s", e).isFalse();
        }
        folder.crashNoMore();
      }
      return before.entrySet().containsAll(folder.manifests.entrySet());
    }

    /// Views taken away, or of another definition; another id, or none.
    private ShardSpec otherwise() {
      List<ViewSpec> others = new ArrayList<>();
      for (ViewSpec view : spec.views()) {
        switch (random.nextInt(4)) {
          case 0 -> {}
          case 1 -> others.add(declarations.rollup(spec.stream(), view.name()));
          default -> others.add(view);
        }
      }
      StreamSpec s = spec.stream();
      Optional<StreamSpec.IdSpec> id =
          switch (random.nextInt(4)) {
            case 0 -> Optional.empty();
            case 1 -> Optional.of(new StreamSpec.IdSpec(0, Duration.ofSeconds(60)));
            default -> s.id();
          };
      StreamSpec other = RandomDeclarations.withId(s, id);
      return new ShardSpec(other, others, 0, spec.limits());
    }

    private void apply(Shard shard) {
      for (long at = Math.max(log.start(), shard.next()); at < log.next(); at++) {
        shard.apply(at, log.appendMs(at), log.value(at));
      }
      shard.publish();
    }

    private Asked asked(Shard shard, List<ViewSpec> of) {
      return new Asked(
          new Queries(catalog, new LocalNode(List.of(shard))),
          of,
          (view, _) -> Missed.NONE.notBefore(notBefore(view)),
          new Queries.After(Mark.NONE, 0));
    }

    /// From when on a view answers that was filled.
    private long notBefore(String view) {
      try {
        return folder.manifests.isEmpty() || view.equals(Manifest.TABLE)
            ? Long.MIN_VALUE
            : ManifestCodec.decode(folder.manifests.lastEntry().getValue()).views().stream()
                .filter(v -> v.name().equals(view))
                .mapToLong(v -> v.backfill().notBefore())
                .findFirst()
                .orElse(Long.MIN_VALUE);
      } catch (SummedText.Corrupt e) {
        throw new AssertionError(e);
      }
    }

    private static Set<String> filling(Shard shard) {
      return shard.backfilling().progress().stream()
          .map(Backfilling.Progress::view)
          .collect(Collectors.toSet());
    }

    /// Fills views that are new, or whose files were damaged.
    private void fill(Shard shard) throws IOException {
      while (!shard.backfilling().progress().isEmpty()) {
        Optional<BackfillStep> step = shard.backfilling().begin();
        if (step.isPresent()) {
          BackfillStep.Report _ = step.get().run();
          covered("backfill");
        } else {
          checkpoint(shard);
        }
      }
    }

    private void live(Shard shard)
        throws IOException, Shards.NotVisibleException, Shards.UnavailableException {
      Asked asked = asked(shard, spec.views());
      for (int step = 1 + random.nextInt(3); step > 0; step--) {
        apply(shard);
        assertThat(shard.counts().gap()).isZero();
        fill(shard);
        views.check(asked, 8);
        if (random.nextInt(10) == 0) {
          folder.rot(random);
          covered("rotten while open");
          views.check(asked, 4);
        }
        if (random.nextBoolean() && shard.visibleNext() > shard.sealedNext()) {
          checkpoint(shard);
          views.check(asked, 4);
        }
        Mark _ = topic.append(random.nextInt(30));
      }
    }

    private void checkpoint(Shard shard) throws IOException {
      Optional<Compaction> compaction = shard.compactions().begin();
      if (compaction.isPresent() && random.nextInt(4) > 0) {
        compact(compaction.get());
      }
      Checkpoint checkpoint = shard.beginCheckpoint();
      if (random.nextInt(5) == 0) {
        folder.crashAfter(random.nextInt(25));
      }
      Checkpoint.Report _ = checkpoint.run();
      folder.crashNoMore();
      say(
          "checkpoint at %d, manifests %s"
              .formatted(shard.sealedNext(), folder.manifests.keySet()));
      if (random.nextInt(3) == 0) {
        earlier = folder.state();
        sameLife = true;
      }
      if (trims && shard.logMayStartAt() > log.start()) {
        log.trim(random.nextLong(log.start(), shard.logMayStartAt()) + 1);
      }
    }

    private void compact(Compaction compaction) throws IOException {
      try {
        say("compaction: %s".formatted(compaction.run()));
        covered("compaction");
      } catch (DamagedException e) {
        // Nothing bad gets into a merged segment.
        covered("compaction of damaged segments");
        say(e.toString());
      }
    }

    /// @return whether it can be told only by reading all files
    private boolean damage() {
      List<String> segments = List.copyOf(folder.segments.keySet());
      int kind = random.nextInt(9);
      say("damage of kind %d; manifests %s".formatted(kind, folder.manifests.keySet()));
      switch (kind) {
        case 0 -> {
          folder.rot(random);
          return random.nextBoolean();
        }
        case 1 -> {
          if (!segments.isEmpty()) {
            folder.segments.remove(segments.get(random.nextInt(segments.size())));
          }
        }
        case 2 -> folder.sorted.clear();
        case 3 -> {
          if (sameLife) {
            folder.restore(earlier, false, true);
          }
        }
        case 4, 5 -> {
          // An empty folder would be a new shard, which takes a log as it is.
          if (!earlier.manifests().isEmpty()) {
            folder.restore(earlier, true, !sameLife || random.nextBoolean());
          }
        }
        case 6, 7 -> {
          if (log.next() > log.start()) {
            covered("log cut");
            log.cut(random.nextLong(log.start(), log.next()));
            say("the log ends at %d".formatted(log.next()));
          }
        }
        default -> {
          if (!folder.manifests.isEmpty()) {
            folder.flipManifest(random);
          }
        }
      }
      return false;
    }
  }
}
