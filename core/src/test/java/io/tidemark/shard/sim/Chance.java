package io.tidemark.shard.sim;

import java.util.EnumMap;
import java.util.Map;
import java.util.SplittableRandom;

/// Decides when troubles happen.
final class Chance {
  private record Dice(SplittableRandom random, int oneIn) {}

  private final Map<Trouble, Dice> dice = new EnumMap<>(Trouble.class);
  private boolean calm;

  Chance(Plan plan) {
    for (Trouble trouble : Trouble.values()) {
      SplittableRandom random = plan.random(trouble.name());
      int oneIn = trouble.oneIn(random);
      dice.put(trouble, new Dice(random, plan.without().contains(trouble) ? 0 : oneIn));
    }
  }

  boolean of(Trouble trouble) {
    Dice it = dice.get(trouble);
    return !calm && it != null && it.oneIn() > 0 && it.random().nextInt(it.oneIn()) == 0;
  }

  /// Whether it happens at all.
  boolean happens(Trouble trouble) {
    Dice it = dice.get(trouble);
    return !calm && it != null && it.oneIn() > 0;
  }

  /// From now on nothing goes wrong.
  void calm() {
    calm = true;
  }
}
