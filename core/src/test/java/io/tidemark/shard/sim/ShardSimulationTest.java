package io.tidemark.shard.sim;

import org.junit.jupiter.api.Test;

/// `-Dseed=N` replays one seed and tells what happened in it; `-Dseeds=N` runs so many.
final class ShardSimulationTest {
  @Test
  void noSeedBreaksAnInvariant() {
    boolean replay = System.getProperty("seed") != null;
    Seeds.each(
        ShardSimulationTest.class, "seeds", 5000, seed -> new ShardSimulation(seed, replay).run());
    System.out.println("covered: " + ShardSimulation.COVERAGE);
  }
}
