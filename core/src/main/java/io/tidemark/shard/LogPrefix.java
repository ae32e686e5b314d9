package io.tidemark.shard;

import java.io.IOException;
import java.util.OptionalLong;

/// All records of a log below an offset, known by the last of them.
///
/// @param next the offset
/// @param fingerprint of the record before it, see [ShardLog#fingerprint]; 0 where there is none
record LogPrefix(long next, long fingerprint) {
  static final LogPrefix EMPTY = new LogPrefix(0, 0);

  /// The records up to another offset.
  ///
  /// @param appendMs when the log took the last of them, and its value; where there is none that is
  ///   new, of no matter
  LogPrefix to(long offset, long appendMs, byte[] value) {
    return offset == next ? this : new LogPrefix(offset, ShardLog.fingerprint(appendMs, value));
  }

  /// Whether a log begins, or once began, with these records; not where it has forgotten the last
  /// one.
  boolean isIn(ShardLog log) throws IOException {
    if (next == 0) {
      return true;
    }
    if (next <= log.start()) {
      return false;
    }
    OptionalLong found = log.fingerprint(next - 1);
    return found.isPresent() && found.getAsLong() == fingerprint;
  }
}
