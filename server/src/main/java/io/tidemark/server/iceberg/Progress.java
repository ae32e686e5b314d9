package io.tidemark.server.iceberg;

import io.tidemark.archive.ArchivedPart;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// What was known of a shard by who published its part.
///
/// @param log what the log is called
/// @param id of the publication
record Progress(String log, long next, long erased, long streamTime, String id) {
  static Progress of(ArchivedPart part) {
    return new Progress(
        part.log(), part.next(), part.erased(), part.streamTime(), UUID.randomUUID().toString());
  }

  static Optional<Progress> parse(@Nullable String text) {
    if (text == null) {
      return Optional.empty();
    }
    String[] parts = text.split(",", -1);
    return Optional.of(
        new Progress(
            parts[0],
            Long.parseLong(parts[1]),
            Long.parseLong(parts[2]),
            Long.parseLong(parts[3]),
            parts[4]));
  }

  /// Whether it is more than a part says, of the same log.
  boolean isBeyond(ArchivedPart part) {
    return log.equals(part.log())
        && (next > part.next() || erased > part.erased() || streamTime > part.streamTime());
  }

  @Override
  public String toString() {
    return "%s,%d,%d,%d,%s".formatted(log, next, erased, streamTime, id);
  }
}
