package io.tidemark.ingest;

import java.util.List;
import org.jspecify.annotations.Nullable;

/// Port: the log that events are appended to.
public interface EventLog {
  /// A record to append.
  ///
  /// @param item the number of the event within its request
  /// @param key never empty of meaning to the log: records of one key keep their order
  /// @param value null where the events of the key are to be erased
  record Entry(int item, int partition, byte[] key, byte @Nullable [] value) {}

  /// What came of appending: for each entry, in their order, its offset, or [#FAILED].
  ///
  /// @param failure why entries failed; empty where none did
  record Appended(long[] offsets, String failure) {
    public static final long FAILED = -1;
  }

  /// Appends records, and returns when each of them is durable or has failed. Blocks.
  Appended append(String stream, List<Entry> entries);
}
