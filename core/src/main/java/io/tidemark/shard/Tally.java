package io.tidemark.shard;

/// [Counts] that grow, of one thread.
final class Tally {
  long events;
  long duplicates;
  long late;
  long malformed;
  long gap;
  long bytes;

  Tally(Counts counts) {
    events = counts.events();
    duplicates = counts.duplicates();
    late = counts.late();
    malformed = counts.malformed();
    gap = counts.gap();
    bytes = counts.bytes();
  }

  Counts counts() {
    return new Counts(events, duplicates, late, malformed, gap, bytes);
  }
}
