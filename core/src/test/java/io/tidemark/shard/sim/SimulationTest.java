package io.tidemark.shard.sim;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/// `-Dseed=N` replays one seed and tells what happened in it, with `-Dsteps=N` and
/// `-Dwithout=KILL,TRIM` less of it; `-Dseeds=N` runs so many.
final class SimulationTest {
  /// They take some minutes of one core.
  private static final int SEEDS = 5000;

  @Test
  void noSeedBreaksAnInvariant() {
    boolean one = System.getProperty("seed") != null && System.getProperty("seeds") == null;
    long first = Long.getLong("seed", 1);
    int count = Integer.getInteger("seeds", one ? 1 : SEEDS);
    System.out.printf("SimulationTest: seeds %d to %d%n", first, first + count - 1);
    Failure failure = one ? Failure.of(Plan.ofProperties(first)) : Failure.first(first, count);
    System.out.println("covered: " + Trace.COVERAGE);
    if (failure != null) {
      throw (one ? failure : failure.shrunk()).asError();
    }
  }

  @Test
  void aSeedIsAlwaysTheSameRun() {
    for (long seed = 1; seed <= 20; seed++) {
      assertThat(story(seed)).isEqualTo(story(seed));
    }
  }

  private static String story(long seed) {
    Simulation simulation = new Simulation(Plan.of(seed), true);
    simulation.run();
    return simulation.story();
  }
}
