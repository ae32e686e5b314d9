package io.tidemark.shard.sim;

import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/// Invariant: once a checkpoint has ended, there are exactly the segments that the last two
/// manifests name, besides those of compactions and the archiving, and not more than these two
/// manifests.
final class NoOrphanFilesAfterCheckpoint {
  private NoOrphanFilesAfterCheckpoint() {}

  /// @param inUse what they read or write
  static void check(ShardFolder folder, Set<String> inUse) {
    List<Long> numbers = folder.manifests();
    if (numbers.size() > 2) {
      throw new Broken(NoOrphanFilesAfterCheckpoint.class, "manifests " + numbers);
    }
    Set<String> named = new TreeSet<>();
    for (long number : numbers) {
      named.addAll(folder.manifest(number).segments());
    }
    Set<String> there = new TreeSet<>(folder.segments());
    Set<String> allowed = new TreeSet<>(named);
    allowed.addAll(inUse);
    inUse.forEach(name -> allowed.add(name + ".rows.tmp"));
    named.removeAll(folder.lostSegments());
    if (!there.containsAll(named) || !allowed.containsAll(there)) {
      throw new Broken(
          NoOrphanFilesAfterCheckpoint.class,
          "segments " + there + " where manifests name " + named);
    }
  }
}
