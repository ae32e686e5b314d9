package io.tidemark.archive;

import io.tidemark.files.SummedText;
import io.tidemark.log.StreamPartition;
import java.util.ArrayList;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Optional;

/// What has become of files as text, see [SummedText].
///
/// ```
/// tidemark-erased 1
/// shard    STREAM PARTITION
/// log      ID
/// number   N
/// offsets  FROM TO AS_OF             TO and AS_OF exclusive
/// removed  OFFSET FILES EVENTS MIN_TIME MAX_TIME             any number
/// gone     KEY                       any number, each followed by what has taken its place:
/// file     KEY ROWS BYTES CRC32C MIN_TIME MAX_TIME           or nothing
/// crc32c   HEX
/// ```
final class ErasedFilesCodec {
  private static final String FORMAT = "tidemark-erased\t1";

  private ErasedFilesCodec() {}

  static byte[] encode(ErasedFiles erased) {
    SummedText text = new SummedText(FORMAT);
    text.line("shard", erased.shard().stream(), erased.shard().partition());
    text.line("log", erased.log());
    text.line("number", erased.number());
    text.line("offsets", erased.from(), erased.to(), erased.asOf());
    for (ErasedFiles.Removed r : erased.removed()) {
      text.line("removed", r.offset(), r.files(), r.events(), r.minTime(), r.maxTime());
    }
    for (ErasedFiles.Replaced r : erased.replaced()) {
      text.line("gone", r.file());
      r.by().ifPresent(file -> BatchCodec.line(text, file));
    }
    return text.bytes();
  }

  static ErasedFiles decode(byte[] bytes) throws SummedText.Corrupt {
    StreamPartition shard = new StreamPartition("", 0);
    String log = "";
    long number = 0;
    long[] offsets = new long[3];
    List<ErasedFiles.Removed> removed = new ArrayList<>();
    List<ErasedFiles.Replaced> replaced = new ArrayList<>();
    try {
      for (String[] p : SummedText.read(FORMAT, bytes)) {
        switch (p[0]) {
          case "shard" -> shard = new StreamPartition(p[1], Integer.parseInt(p[2]));
          case "log" -> log = p[1];
          case "number" -> number = Long.parseLong(p[1]);
          case "offsets" -> {
            for (int i = 0; i < offsets.length; i++) {
              offsets[i] = Long.parseLong(p[1 + i]);
            }
          }
          case "removed" -> removed.add(removed(p));
          case "gone" ->
              replaced.add(new ErasedFiles.Replaced(new ObjectKey(p[1]), Optional.empty()));
          case "file" ->
              replaced.add(
                  new ErasedFiles.Replaced(
                      replaced.removeLast().file(), Optional.of(BatchCodec.file(p))));
          default -> throw new IllegalArgumentException(String.join("\t", p));
        }
      }
    } catch (IllegalArgumentException | IndexOutOfBoundsException | NoSuchElementException e) {
      throw new SummedText.Corrupt("not understood: " + e.getMessage());
    }
    return new ErasedFiles(
        shard, log, number, offsets[0], offsets[1], offsets[2], replaced, removed);
  }

  private static ErasedFiles.Removed removed(String[] p) {
    return new ErasedFiles.Removed(
        Long.parseLong(p[1]),
        Integer.parseInt(p[2]),
        Long.parseLong(p[3]),
        Long.parseLong(p[4]),
        Long.parseLong(p[5]));
  }
}
