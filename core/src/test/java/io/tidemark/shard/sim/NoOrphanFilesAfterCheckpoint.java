package io.tidemark.shard.sim;

import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/// Invariant: once a checkpoint has ended, there are exactly the segments that the last two
/// manifests name, and not more than these two manifests.
final class NoOrphanFilesAfterCheckpoint {
  private NoOrphanFilesAfterCheckpoint() {}

  static void check(ShardFolder folder) {
    List<Long> numbers = folder.manifests();
    if (numbers.size() > 2) {
      throw new Broken(NoOrphanFilesAfterCheckpoint.class, "manifests " + numbers);
    }
    Set<String> named = new TreeSet<>();
    for (long number : numbers) {
      named.addAll(folder.manifest(number).segments());
    }
    Set<String> there = new TreeSet<>(folder.segments());
    if (!there.equals(named)) {
      throw new Broken(
          NoOrphanFilesAfterCheckpoint.class,
          "segments " + there + " where manifests name " + named);
    }
  }
}
