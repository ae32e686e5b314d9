package io.tidemark.archive;

import java.io.IOException;

/// What tests find out about an archive past its own code's callers.
public final class ArchiveAccess {
  private ArchiveAccess() {}

  /// Where the batches of a shard end that are there.
  public static long next(ObjectStore store, String stream, int partition) throws IOException {
    long next = 0;
    while (true) {
      ObjectKey key = new ObjectKey("_tidemark/%s/%05d/%020d".formatted(stream, partition, next));
      try {
        next = BatchCodec.decode(store.getBytes(key)).to();
      } catch (ObjectMissingException _) {
        return next;
      }
    }
  }
}
