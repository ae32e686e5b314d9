package io.tidemark.shard.sim;

import java.util.EnumSet;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// A run of the simulation: all of it follows from this.
///
/// @param steps how many steps until the end, where everything is applied and compared once more
/// @param without what does not go wrong in it, whatever the seed says
record Plan(long seed, int steps, Set<Trouble> without) {
  private static final int STEPS = 100;

  Plan {
    without = Set.copyOf(without);
  }

  static Plan of(long seed) {
    return new Plan(seed, STEPS, Set.of());
  }

  /// That of a seed, narrowed by `-Dsteps=N` and `-Dwithout=KILL,TRIM`.
  static Plan ofProperties(long seed) {
    String without = System.getProperty("without", "");
    return new Plan(
        seed,
        Integer.getInteger("steps", STEPS),
        Stream.of(without.split(",", -1))
            .filter(name -> !name.isEmpty())
            .map(Trouble::valueOf)
            .collect(Collectors.toSet()));
  }

  Plan withSteps(int fewer) {
    return new Plan(seed, fewer, without);
  }

  Plan without(Trouble trouble) {
    EnumSet<Trouble> all = EnumSet.of(trouble);
    all.addAll(without);
    return new Plan(seed, steps, all);
  }

  /// A generator of its own for each purpose, so that leaving one trouble out changes no other.
  SplittableRandom random(String purpose) {
    return new SplittableRandom(seed * 0x9E3779B97F4A7C15L + purpose.hashCode());
  }

  /// How to run it alone.
  String command() {
    String names = without.stream().sorted().map(Trouble::name).collect(Collectors.joining(","));
    return "mvn -q -B -Dquick -pl core test -Dtest=SimulationTest -Dseed=%d%s%s"
        .formatted(
            seed,
            steps == STEPS ? "" : " -Dsteps=" + steps,
            names.isEmpty() ? "" : " -Dwithout=" + names);
  }
}
