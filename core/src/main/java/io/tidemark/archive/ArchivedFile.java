package io.tidemark.archive;

import io.tidemark.table.FileSum;

/// A file with rows of a table, in an archive.
///
/// @param rows how many
/// @param sum what it must be
/// @param minTime the least event time in it, in microseconds since 1970; of one that was written
///   again, no later than that
/// @param maxTime the greatest; of one that was written again, no earlier
public record ArchivedFile(ObjectKey key, long rows, FileSum sum, long minTime, long maxTime) {
  /// Whether it was written again, without what was erased.
  public boolean isRewritten() {
    return FileTag.of(key).filter(t -> t.number() >= 0).isPresent();
  }
}
