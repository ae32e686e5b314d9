package io.tidemark.archive;

import io.tidemark.log.StreamPartition;
import java.util.List;

/// What was archived at once: the rows that a table has of records with `from <= offset < to`, each
/// in one of the files. Batches of a shard follow one another without a gap, from offset 0 on.
///
/// @param log which log the records are of
/// @param rows how many rows that are
/// @param fingerprint of their offsets and times, whatever their order, see [Fingerprint]; by it
///   another copy of the shard finds out whether it has the same rows
/// @param asOf whoever has put it knew of all erasures below this offset, and left out what they
///   are about; of later ones it tells nothing
public record Batch(
    StreamPartition shard,
    String log,
    long from,
    long to,
    long rows,
    long fingerprint,
    long asOf,
    List<ArchivedFile> files) {
  public Batch {
    files = List.copyOf(files);
  }

  /// What a batch's rows must be, without what they hold.
  public record Fingerprint(long rows, long sum) {
    public static final Fingerprint NONE = new Fingerprint(0, 0);

    /// With a further row. The sum is one of hashes (the finalizer of MurmurHash3), so that rows
    /// can come in any order.
    public Fingerprint plus(long offset, long timeMicros) {
      return new Fingerprint(rows + 1, sum + hash(offset) * 31 + hash(timeMicros ^ offset));
    }

    private static long hash(long word) {
      long mixed = (word ^ (word >>> 33)) * 0xff51afd7ed558ccdL;
      mixed = (mixed ^ (mixed >>> 33)) * 0xc4ceb9fe1a85ec53L;
      return mixed ^ (mixed >>> 33);
    }
  }

  public Fingerprint rowsAre() {
    return new Fingerprint(rows, fingerprint);
  }
}
