package io.tidemark.shard;

import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/// The files of a shard, for whoever looks whether they are still what was written.
public final class ShardFiles {
  /// What the names of files of sorted stores begin with, and those of segments do not.
  private static final String SORTED = "sorted/";

  private final Shard shard;

  ShardFiles(Shard shard) {
    this.shard = shard;
  }

  /// Those that the shard would answer from just now.
  public List<String> names() throws IOException {
    return shard.reading(
        now -> {
          List<String> names = new ArrayList<>(now.manifest().segmentNames().toList());
          if (shard.spec().hasSortedStores()) {
            shard.storage().sortedFiles().forEach(f -> names.add(SORTED + f));
          }
          return names;
        });
  }

  /// The segments that compactions, the archiving and the backfilling read or write.
  public Set<String> inUse() {
    Set<String> names = new HashSet<>(shard.compactions().files());
    names.addAll(shard.backfilling().files());
    names.addAll(shard.erasing().files());
    shard.archival().ifPresent(a -> names.addAll(a.files()));
    return names;
  }

  /// Reads all of a file and compares it with its checksum.
  ///
  /// @param name one of [#names]
  /// @return how many bytes were read; 0 where it is not needed any more
  /// @throws DamagedException where it is not as it was written
  public long verify(String name) throws IOException {
    return shard.reading(
        now -> {
          if (name.startsWith(SORTED)) {
            return shard.storage().verifySorted(name.substring(SORTED.length()));
          }
          boolean needed = now.manifest().segmentNames().anyMatch(name::equals);
          return needed ? shard.segments().verify(name) : 0;
        });
  }
}
