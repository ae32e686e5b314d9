package io.tidemark.archive;

import io.tidemark.log.StreamPartition;
import io.tidemark.table.TableShape;
import java.util.List;

/// What the archive has of a shard for others to read, as the one who puts it knows it.
///
/// @param shard with the name that its stream's data has
/// @param shape of the stream's events now; files may have an earlier one
/// @param log what the log is called that the shard is made from
/// @param next all batches of records below this offset are in the files
/// @param erased these are the files as [ErasedFiles] below this number have left them
/// @param streamTime what was too old then is not among the files, in microseconds since 1970
/// @param files by the offsets of their batches
public record ArchivedPart(
    StreamPartition shard,
    TableShape shape,
    String log,
    long next,
    long erased,
    long streamTime,
    List<ArchivedFile> files) {
  public ArchivedPart {
    files = List.copyOf(files);
  }

  /// The partition whose file it is; -1 of what is no file of a shard.
  public static int partitionOf(ObjectKey file) {
    return FileTag.of(file).map(FileTag::partition).orElse(-1);
  }
}
