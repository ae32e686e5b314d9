package io.tidemark.shard;

/// How much is put into the archive at once.
///
/// @param windowMicros a batch ends where the next window of event time begins; windows begin at
///   multiples of it since 1970
/// @param maxOffsets how many records a batch is of at most
public record ArchivePolicy(long windowMicros, long maxOffsets) {
  /// How many hours a batch has rows of at most.
  static final int MAX_FILES = 512;

  /// Hours; files of up to about 250 MB where an event has 30 bytes.
  public static final ArchivePolicy DEFAULT = new ArchivePolicy(3_600_000_000L, 1 << 23);

  /// When the window of a time ends.
  long endOfWindow(long timeMicros) {
    return (Math.floorDiv(timeMicros, windowMicros) + 1) * windowMicros;
  }
}
