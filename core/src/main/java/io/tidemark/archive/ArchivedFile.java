package io.tidemark.archive;

import io.tidemark.table.FileSum;

/// A file with rows of a table, in an archive.
///
/// @param rows how many
/// @param sum what it must be
/// @param minTime the least event time in it, in microseconds since 1970
/// @param maxTime the greatest
public record ArchivedFile(ObjectKey key, long rows, FileSum sum, long minTime, long maxTime) {}
