package io.tidemark.shard.sim;

/// Runs a seeded test many times; says how to repeat a run that failed.
public final class Seeds {
  private Seeds() {}

  /// A test of one seed.
  @FunctionalInterface
  public interface Run {
    void run(long seed) throws Exception;
  }

  /// Runs seeds one after another: `-Dseed=N` is the first, `-D<countProperty>=N` how many.
  public static void each(Class<?> test, String countProperty, int defaultCount, Run run) {
    long first = Long.getLong("seed", 1);
    boolean single = System.getProperty("seed") != null;
    int count = Integer.getInteger(countProperty, single ? 1 : defaultCount);
    System.out.printf("%s: seeds %d to %d%n", test.getSimpleName(), first, first + count - 1);
    for (long seed = first; seed < first + count; seed++) {
      try {
        run.run(seed);
      } catch (Exception | AssertionError e) {
        String replay =
            "mvn -q -B -Dquick -pl core test -Dtest=%s -Dseed=%d"
                .formatted(test.getSimpleName(), seed);
        System.out.printf("%s: seed %d failed; replay: %s%n", test.getSimpleName(), seed, replay);
        throw new AssertionError("seed " + seed + " failed; replay: " + replay, e);
      }
    }
  }
}
