package io.tidemark.archive;

import io.tidemark.log.StreamPartition;
import java.util.List;
import java.util.Optional;

/// What has become of a shard's files in the archive, since events were to be gone. Those of a
/// shard follow one another; each is about the files as the ones before it have left them, and once
/// it is there it is believed by everybody. Batches stay as they were put.
///
/// @param log which log the events are of
/// @param number counts those of a shard from 0
/// @param from files of batches from this offset on
/// @param to and below this one have been looked at; all of these batches are there
/// @param asOf they have nothing any more of what erasures below this offset are about
/// @param replaced the files that had something of it
/// @param removed what has gone, by erasure
public record ErasedFiles(
    StreamPartition shard,
    String log,
    long number,
    long from,
    long to,
    long asOf,
    List<Replaced> replaced,
    List<Removed> removed) {
  public ErasedFiles {
    replaced = List.copyOf(replaced);
    removed = List.copyOf(removed);
  }

  /// A file that nobody reads any more.
  ///
  /// @param by the file that has taken its place; nothing where nothing was left
  public record Replaced(ObjectKey file, Optional<ArchivedFile> by) {}

  /// What an erasure has removed.
  ///
  /// @param offset of the erasure
  /// @param files that had some of its events
  /// @param minTime the least time of these, in microseconds since 1970
  /// @param maxTime the greatest
  public record Removed(long offset, int files, long events, long minTime, long maxTime) {}
}
