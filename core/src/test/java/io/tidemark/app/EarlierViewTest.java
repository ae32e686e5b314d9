package io.tidemark.app;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.event.EventType;
import io.tidemark.event.Field;
import io.tidemark.event.FieldType;
import io.tidemark.shard.sim.RandomDeclarations;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/// Views are known by their definitions.
final class EarlierViewTest {
  private static final Field AT = new Field("at", FieldType.TIMESTAMP, true);
  private static final Field KEY = new Field("user.id", FieldType.STRING, true);
  private static final Field PRICE = new Field("price", FieldType.DOUBLE, false);
  private static final EventType TYPE = new EventType("s", List.of(AT, KEY, PRICE));

  private static final RollupSpec ROLLUP =
      new RollupSpec(
          "sums",
          "s",
          Duration.ofMinutes(1),
          List.of(1),
          List.of(0),
          List.of(
              new Measure("count", Measure.Kind.COUNT, Measure.ALL, 0),
              new Measure("p99", Measure.Kind.PERCENTILE, 2, 0.99)),
          Optional.of(Duration.ofDays(2)));

  private static Optional<ViewSpec> read(ViewSpec view, EventType type) {
    return EarlierView.read(view.name(), view.definition(TYPE), type);
  }

  @Test
  void aDefinitionTellsAllOfAView() {
    long seed = Long.getLong("seed", System.nanoTime());
    RandomDeclarations declarations = new RandomDeclarations(new SplittableRandom(seed));
    for (int i = 0; i < 1000; i++) {
      StreamSpec stream = declarations.stream(new RandomDeclarations.Wanted(false, 1, 0));
      for (ViewSpec view : declarations.views(stream)) {
        String definition = view.definition(stream.type());
        ViewSpec back =
            EarlierView.read(view.name(), definition, stream.type())
                .orElseThrow(() -> new AssertionError("-Dseed=" + seed + ": " + definition));
        assertThat(back.getClass()).isEqualTo(view.getClass());
        assertThat(back.definition(stream.type())).as("-Dseed=%d", seed).isEqualTo(definition);
        assertThat(back.retain()).isEqualTo(view.retain());
        assertThat(back.stream()).isEqualTo(view.stream());
      }
    }
  }

  @Test
  void itsNameIsOfItsDefinition() {
    ViewSpec earlier = read(ROLLUP, TYPE).orElseThrow();
    assertThat(earlier.name()).matches("sums\\.[0-9a-f]{16}");
    assertThat(EarlierView.isNameOfOne(earlier.name())).isTrue();
    assertThat(EarlierView.isNameOfOne("sums")).isFalse();
    assertThat(EarlierView.declaredName(earlier.name())).isEqualTo("sums");
    assertThat(EarlierView.declaredName("sums")).isEqualTo("sums");
    assertThat(earlier)
        .isEqualTo(
            new RollupSpec(
                earlier.name(),
                "s",
                ROLLUP.every(),
                ROLLUP.by(),
                ROLLUP.sets(),
                ROLLUP.measures(),
                ROLLUP.retain()));
  }

  @Test
  void fieldsMayHaveMovedButNotChanged() {
    List<Field> more =
        new ArrayList<>(List.of(new Field("a", FieldType.LONG, false), PRICE, KEY, AT));
    RollupSpec moved = (RollupSpec) read(ROLLUP, new EventType("s", more)).orElseThrow();
    assertThat(moved.by()).containsExactly(2);
    assertThat(moved.measures().getLast().field()).isEqualTo(1);
    more.set(1, new Field("price", FieldType.LONG, false));
    assertThat(read(ROLLUP, new EventType("s", more))).isEmpty();
    more.remove(1);
    assertThat(read(ROLLUP, new EventType("s", more))).isEmpty();
  }

  @Test
  void whatIsNoDefinitionIsNoView() {
    for (String text :
        List.of(
            "",
            "rollup ",
            "timeline stream=s by=at:TIMESTAMP split=none keep=0 retain=Optional.empty",
            "timeline stream=s by=nothing split=none keep=1 retain=Optional.empty",
            ROLLUP.definition(TYPE).replace("PT1M", "P"),
            ROLLUP.definition(TYPE).replace("COUNT", "COUNTS"),
            ROLLUP.definition(TYPE) + " ")) {
      assertThat(EarlierView.read("sums", text, TYPE)).as(text).isEmpty();
    }
  }
}
