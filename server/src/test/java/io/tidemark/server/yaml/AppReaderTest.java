package io.tidemark.server.yaml;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.app.App;
import io.tidemark.app.Measure;
import io.tidemark.app.Measure.Kind;
import io.tidemark.app.RollupSpec;
import io.tidemark.app.StreamSpec;
import io.tidemark.app.StreamSpec.IdSpec;
import io.tidemark.app.TimelineSpec;
import io.tidemark.event.EventType;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What a right declaration means.
class AppReaderTest {
  @TempDir Path temp;
  private Folder folder;

  @BeforeEach
  void makeFolder() {
    folder = new Folder(temp);
  }

  @Test
  void readsEverythingThatCanBeDeclared() {
    App app =
        folder.read(
            """
            app: my-app
            streams:
              operations:
                schema: schemas/operation.json
                time: ts
                key: [user_id, type]
                id: { field: action_id, window: 10m }
                retain: 1h30m
                partitions: 16
                log: { keep: 512MiB }
                max_ahead: 5s
            views:
              last:
                timeline: operations
                by: user_id
                split: ok
                keep: 10
                retain: 7d
              numbers:
                rollup: operations
                every: 15m
                by: [type, details]
                sets: [[], [details]]
                measures: { n: count(), paid: sum(amount), slow: "percentile( duration_ms , 99.9 )" }
                retain: 2w
            contracts: [shop]
            """);
    assertThat(app.name()).isEqualTo("my-app");
    assertThat(app.folder()).isEqualTo(temp);
    assertThat(app.streams())
        .containsExactly(
            new StreamSpec(
                "operations",
                new EventType("operations", FakeSchemas.OPERATION),
                "{}",
                0,
                List.of(2, 3),
                Optional.of(new IdSpec(1, Duration.ofMinutes(10))),
                Optional.of(Duration.ofMinutes(90)),
                16,
                512L << 20,
                Duration.ofSeconds(5)));
    assertThat(app.views())
        .containsExactly(
            new TimelineSpec("last", "operations", 2, 5, 10, Optional.of(Duration.ofDays(7))),
            new RollupSpec(
                "numbers",
                "operations",
                Duration.ofMinutes(15),
                List.of(3, 8),
                List.of(0, 2),
                List.of(
                    new Measure("n", Kind.COUNT, Measure.ALL, 0),
                    new Measure("paid", Kind.SUM, 6, 0),
                    new Measure("slow", Kind.PERCENTILE, 7, 0.999)),
                Optional.of(Duration.ofDays(14))));
    assertThat(app.contracts()).containsExactly("shop");
  }

  @Test
  void whatIsNotDeclaredHasItsDefault() {
    App app =
        folder.read(
            """
            app: small
            streams:
              tags: { schema: schemas/user_tag.json, retain: 24h, id: origin }
            views:
              last: { timeline: tags, by: cookie }
              total: { rollup: tags, every: 1s, measures: { n: count() } }
            """);
    StreamSpec stream = app.streams().getFirst();
    assertThat(stream.time()).isEqualTo(StreamSpec.APPEND_TIME);
    assertThat(stream.key()).isEmpty();
    assertThat(stream.id()).contains(new IdSpec(5, Duration.ofHours(1)));
    assertThat(stream.partitions()).isEqualTo(8);
    assertThat(stream.logKeepBytes()).isEqualTo(4L << 30);
    assertThat(stream.maxAhead()).isEqualTo(Duration.ofHours(1));
    assertThat(app.views())
        .containsExactly(
            new TimelineSpec("last", "tags", 1, TimelineSpec.NO_SPLIT, 100, Optional.empty()),
            new RollupSpec(
                "total",
                "tags",
                Duration.ofSeconds(1),
                List.of(),
                List.of(),
                List.of(new Measure("n", Kind.COUNT, Measure.ALL, 0)),
                Optional.of(Duration.ofHours(24))));
    assertThat(app.contracts()).isEmpty();
  }

  @Test
  void allSetsAreKeptOfUpToFourFieldsAndOnlyTheFullOneOfMore() {
    assertThat(rollup("by: [action, origin]").sets()).containsExactly(0, 1, 2);
    assertThat(rollup("by: [action, origin, device, country]").sets()).hasSize(15);
    assertThat(rollup("by: [action, origin, device, country, cookie]").sets()).isEmpty();
    assertThat(rollup("by: [action, origin, device, country, cookie], sets: all").sets())
        .hasSize(31);
    assertThat(rollup("by: [action, origin], sets: []").sets()).isEmpty();
    assertThat(rollup("by: action, sets: [[], [action]]").sets()).containsExactly(0);
  }

  @Test
  void everyFunctionHasItsMeasure() {
    App app =
        folder.read(
            """
            app: a
            streams: { ops: { schema: schemas/operation.json } }
            views:
              v:
                rollup: ops
                every: 1d
                measures:
                  a: count()
                  b: count(provider)
                  c: sum(duration_ms)
                  d: min(started)
                  e: max(amount)
                  f: avg(amount)
                  g: distinct(details)
                  h: percentile(amount, 0)
                  i: percentile(amount, 100)
                  j: p50(amount)
                  k: p95(amount)
                  l: p99(amount)
            """);
    assertThat(((RollupSpec) app.views().getFirst()).measures())
        .containsExactly(
            new Measure("a", Kind.COUNT, Measure.ALL, 0),
            new Measure("b", Kind.COUNT, 4, 0),
            new Measure("c", Kind.SUM, 7, 0),
            new Measure("d", Kind.MIN, 9, 0),
            new Measure("e", Kind.MAX, 6, 0),
            new Measure("f", Kind.AVG, 6, 0),
            new Measure("g", Kind.DISTINCT, 8, 0),
            new Measure("h", Kind.PERCENTILE, 6, 0),
            new Measure("i", Kind.PERCENTILE, 6, 1),
            new Measure("j", Kind.PERCENTILE, 6, 0.5),
            new Measure("k", Kind.PERCENTILE, 6, 0.95),
            new Measure("l", Kind.PERCENTILE, 6, 0.99));
  }

  @Test
  void anchorsStandForWhatTheyName() {
    App app =
        folder.read(
            """
            app: a
            streams:
              one: &stream { schema: schemas/user_tag.json, key: cookie }
              two: *stream
            """);
    assertThat(app.streams()).extracting(StreamSpec::name).containsExactly("one", "two");
    assertThat(app.streams()).extracting(StreamSpec::key).containsOnly(List.of(1));
  }

  @Test
  void aByteOrderMarkAndWindowsLineEndsAreNoMistake() {
    App app =
        folder.read("\ufeffapp: a\r\nstreams:\r\n  tags: { schema: schemas/user_tag.json }\r\n");
    assertThat(app.streams()).hasSize(1);
  }

  private RollupSpec rollup(String keys) {
    App app =
        folder.read(
            """
            app: a
            streams: { tags: { schema: schemas/user_tag.json } }
            views: { v: { rollup: tags, every: 1m, measures: { n: count() }, %s } }
            """
                .formatted(keys));
    return (RollupSpec) app.views().getFirst();
  }
}
