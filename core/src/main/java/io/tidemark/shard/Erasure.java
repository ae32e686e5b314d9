package io.tidemark.shard;

import io.tidemark.archive.ErasedFiles;

/// What the log says is to be gone: the events of a key, among the records below an offset.
///
/// @param offset of the record that says so
/// @param appendMs when the log took it, in milliseconds since 1970
/// @param key its text; empty once no file has such events any more
/// @param files how many files of the table had such events
/// @param events how many these were
/// @param minTime the least time of them, in microseconds; greater than `maxTime` where there were
///   none
/// @param maxTime the greatest
/// @param sorted whether timelines have none of them any more
/// @param archivedFiles how many files in the archive had such events
/// @param archivedEvents how many these were; some of them may be among those that files here had
public record Erasure(
    long offset,
    long appendMs,
    String key,
    int files,
    long events,
    long minTime,
    long maxTime,
    boolean sorted,
    int archivedFiles,
    long archivedEvents) {
  /// One that has just been asked for.
  static Erasure of(long offset, long appendMs, String key) {
    return new Erasure(offset, appendMs, key, 0, 0, Long.MAX_VALUE, Long.MIN_VALUE, false, 0, 0);
  }

  /// Whether files may have such events.
  public boolean isPending() {
    return !key.isEmpty();
  }

  /// With what has been removed from a file.
  Erasure plus(long moreEvents, long min, long max) {
    return new Erasure(
        offset,
        appendMs,
        key,
        files + 1,
        events + moreEvents,
        Math.min(minTime, min),
        Math.max(maxTime, max),
        sorted,
        archivedFiles,
        archivedEvents);
  }

  /// With what another one tells of the same erasure.
  Erasure plusAll(Erasure found) {
    return new Erasure(
        offset,
        appendMs,
        key,
        files + found.files,
        events + found.events,
        Math.min(minTime, found.minTime),
        Math.max(maxTime, found.maxTime),
        sorted,
        archivedFiles + found.archivedFiles,
        archivedEvents + found.archivedEvents);
  }

  /// With what has been removed from files in the archive.
  Erasure plus(ErasedFiles.Removed removed) {
    return new Erasure(
        offset,
        appendMs,
        key,
        files,
        events,
        Math.min(minTime, removed.minTime()),
        Math.max(maxTime, removed.maxTime()),
        sorted,
        archivedFiles + removed.files(),
        archivedEvents + removed.events());
  }

  /// With nothing of that, since it is to be counted again.
  Erasure withoutArchive() {
    return new Erasure(offset, appendMs, key, files, events, minTime, maxTime, sorted, 0, 0);
  }

  /// Whether it has removed anything.
  boolean hasRemoved() {
    return events > 0 || archivedEvents > 0;
  }

  /// Timelines have none of its events any more.
  Erasure ofSorted() {
    return new Erasure(
        offset,
        appendMs,
        key,
        files,
        events,
        minTime,
        maxTime,
        true,
        archivedFiles,
        archivedEvents);
  }

  /// Nothing has any of its events any more, so nobody needs to know the key.
  Erasure done() {
    return new Erasure(
        offset,
        appendMs,
        "",
        files,
        events,
        minTime,
        maxTime,
        sorted,
        archivedFiles,
        archivedEvents);
  }
}
