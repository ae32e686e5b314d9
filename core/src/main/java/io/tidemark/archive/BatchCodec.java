package io.tidemark.archive;

import io.tidemark.files.SummedText;
import io.tidemark.log.StreamPartition;
import io.tidemark.table.FileSum;
import java.util.ArrayList;
import java.util.List;

/// A batch as text, see [SummedText].
///
/// ```
/// tidemark-archive 1
/// shard    STREAM PARTITION
/// log      ID
/// offsets  FROM TO                   TO exclusive
/// rows     ROWS FINGERPRINT
/// as-of    OFFSET                    exclusive; or nothing, where that is TO
/// file     KEY ROWS BYTES CRC32C MIN_TIME MAX_TIME      any number
/// crc32c   HEX
/// ```
final class BatchCodec {
  private static final String FORMAT = "tidemark-archive\t1";

  private BatchCodec() {}

  static byte[] encode(Batch batch) {
    SummedText text = new SummedText(FORMAT);
    text.line("shard", batch.shard().stream(), batch.shard().partition());
    text.line("log", batch.log());
    text.line("offsets", batch.from(), batch.to());
    text.line("rows", batch.rows(), Long.toHexString(batch.fingerprint()));
    if (batch.asOf() != batch.to()) {
      text.line("as-of", batch.asOf());
    }
    batch.files().forEach(file -> line(text, file));
    return text.bytes();
  }

  static void line(SummedText text, ArchivedFile file) {
    text.line(
        "file",
        file.key(),
        file.rows(),
        file.sum().bytes(),
        Long.toHexString(file.sum().crc32c()),
        file.minTime(),
        file.maxTime());
  }

  static Batch decode(byte[] bytes) throws SummedText.Corrupt {
    StreamPartition shard = new StreamPartition("", 0);
    String log = "";
    long from = 0;
    long to = 0;
    long rows = 0;
    long fingerprint = 0;
    long asOf = 0;
    List<ArchivedFile> files = new ArrayList<>();
    try {
      for (String[] p : SummedText.read(FORMAT, bytes)) {
        switch (p[0]) {
          case "shard" -> shard = new StreamPartition(p[1], Integer.parseInt(p[2]));
          case "log" -> log = p[1];
          case "offsets" -> {
            from = Long.parseLong(p[1]);
            to = Long.parseLong(p[2]);
            asOf = to;
          }
          case "rows" -> {
            rows = Long.parseLong(p[1]);
            fingerprint = Long.parseUnsignedLong(p[2], 16);
          }
          case "as-of" -> asOf = Long.parseLong(p[1]);
          case "file" -> files.add(file(p));
          default -> throw new IllegalArgumentException(String.join("\t", p));
        }
      }
    } catch (IllegalArgumentException | IndexOutOfBoundsException e) {
      throw new SummedText.Corrupt("not understood: " + e.getMessage());
    }
    return new Batch(shard, log, from, to, rows, fingerprint, asOf, files);
  }

  static ArchivedFile file(String[] p) {
    return new ArchivedFile(
        new ObjectKey(p[1]),
        Long.parseLong(p[2]),
        new FileSum(Long.parseLong(p[3]), Long.parseLong(p[4], 16)),
        Long.parseLong(p[5]),
        Long.parseLong(p[6]));
  }
}
