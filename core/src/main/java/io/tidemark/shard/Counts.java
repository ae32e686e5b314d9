package io.tidemark.shard;

/// What has become of a shard's records up to a position.
///
/// @param events applied, each once
/// @param duplicates dropped since their id had been seen within its window
/// @param late beyond the table's retention when they came; views that keep longer have them
/// @param malformed records that are not of this stream's type, skipped
/// @param gap offsets that the log had lost before they were applied
/// @param bytes of the records' values
public record Counts(
    long events, long duplicates, long late, long malformed, long gap, long bytes) {
  public static final Counts ZERO = new Counts(0, 0, 0, 0, 0, 0);
}
