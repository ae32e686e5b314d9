package io.tidemark.shard.sim;

import org.jspecify.annotations.Nullable;

/// A run that broke an invariant.
///
/// @param broken what it threw; its message begins with the name of the invariant
public record Failure(Plan plan, AssertionError broken) {
  /// Runs seeds one after another until one fails.
  ///
  /// @return nothing where none does
  public static @Nullable Failure first(long firstSeed, int count) {
    for (long seed = firstSeed; seed < firstSeed + count; seed++) {
      Failure failure = of(Plan.of(seed));
      if (failure != null) {
        return failure;
      }
    }
    return null;
  }

  static @Nullable Failure of(Plan plan) {
    try {
      new Simulation(plan, false).run();
      return null;
    } catch (AssertionError e) {
      return new Failure(plan, e);
    }
  }

  /// The name of the invariant.
  public String invariant() {
    return String.valueOf(broken.getMessage()).replaceFirst("(?s):.*", "");
  }

  public long seed() {
    return plan.seed();
  }

  /// A run that breaks the same invariant with as little as can be found: fewer steps, and less
  /// that goes wrong.
  Failure shrunk() {
    Failure least = this.withFewerSteps();
    for (Trouble trouble : Trouble.values()) {
      Failure without = of(least.plan.without(trouble));
      if (without != null && without.invariant().equals(invariant())) {
        least = without;
      }
    }
    return least.withFewerSteps();
  }

  /// Not every number of steps below one that fails has to fail; so this halves, then counts down.
  private Failure withFewerSteps() {
    Failure least = this;
    for (int by = plan.steps() / 2; by > 0; by /= 2) {
      while (least.plan.steps() >= by) {
        Failure fewer = of(least.plan.withSteps(least.plan.steps() - by));
        if (fewer == null || !fewer.invariant().equals(invariant())) {
          break;
        }
        least = fewer;
      }
    }
    return least;
  }

  /// What whoever reads the build's output needs.
  AssertionError asError() {
    Simulation again = new Simulation(plan, true);
    AssertionError shown = broken;
    try {
      again.run();
    } catch (AssertionError e) {
      shown = e;
    }
    return new AssertionError(
        "seed %d failed; replay: %s%n%s%n%s"
            .formatted(plan.seed(), plan.command(), shown.getMessage(), again.story()),
        shown);
  }
}
