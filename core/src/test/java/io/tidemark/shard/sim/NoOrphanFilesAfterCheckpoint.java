package io.tidemark.shard.sim;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/// Invariant: once a checkpoint has ended, there are exactly the segments that the last two
/// manifests name, and not more than these two manifests.
final class NoOrphanFilesAfterCheckpoint {
  private NoOrphanFilesAfterCheckpoint() {}

  static void check(SimDisk disk) {
    List<Long> numbers = disk.manifestNumbers();
    if (numbers.size() > 2) {
      throw new AssertionError("manifests " + numbers);
    }
    Set<String> named = new TreeSet<>();
    for (long number : numbers) {
      named.addAll(segments(disk.manifest(number)));
    }
    Set<String> there = new TreeSet<>(disk.segmentNames());
    if (!there.equals(named)) {
      throw new AssertionError("segments " + there + " where manifests name " + named);
    }
  }

  /// The segments that a manifest names: the test's own reading of the format.
  static List<String> segments(byte[] manifest) {
    return new String(manifest, StandardCharsets.UTF_8)
        .lines()
        .map(l -> l.split("\t", -1))
        .filter(p -> p[0].equals("segment"))
        .map(p -> p[1])
        .toList();
  }

  /// The position that a manifest says.
  static long position(byte[] manifest) {
    return new String(manifest, StandardCharsets.UTF_8)
        .lines()
        .map(l -> l.split("\t", -1))
        .filter(p -> p[0].equals("position"))
        .mapToLong(p -> Long.parseLong(p[1]))
        .findFirst()
        .orElseThrow();
  }
}
