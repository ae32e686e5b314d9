package io.tidemark.shard;

import io.tidemark.archive.ShardArchive;
import io.tidemark.sorted.SortedStore;
import io.tidemark.table.SegmentStore;
import java.io.IOException;
import java.util.List;
import java.util.Optional;

/// Port: everything that a shard keeps on disk. One user at a time.
public interface ShardStorage extends AutoCloseable {
  /// The numbers of the manifests there are, ascending.
  List<Long> manifests() throws IOException;

  byte[] readManifest(long number) throws IOException;

  /// Writes a manifest; when this returns it survives a crash, before that it is there whole or not
  /// at all.
  void writeManifest(long number, byte[] content) throws IOException;

  void deleteManifest(long number) throws IOException;

  SegmentStore segments();

  /// Where the table's older files go; nothing where they stay.
  default Optional<ShardArchive> archive() {
    return Optional.empty();
  }

  /// The sorted store of this name, made where it is new.
  ///
  /// @throws io.tidemark.sorted.CorruptStoreException where the files of the sorted stores are
  ///   damaged
  SortedStore sorted(String name) throws IOException;

  /// Removes all sorted stores but these.
  void retainSorted(List<String> names) throws IOException;

  /// The files that the entries of sorted stores lie in just now.
  ///
  /// @throws io.tidemark.sorted.CorruptStoreException as [#sorted] does
  List<String> sortedFiles() throws IOException;

  /// Reads all of such a file and compares it with its checksums.
  ///
  /// @return how many bytes it has; 0 where it is not needed any more
  /// @throws io.tidemark.sorted.CorruptStoreException where it is not as it was written
  long verifySorted(String file) throws IOException;

  /// Removes all sorted stores with their files, whatever state these are in.
  void discardSorted() throws IOException;

  /// How many bytes all files have.
  long sizeBytes() throws IOException;

  @Override
  void close() throws IOException;
}
