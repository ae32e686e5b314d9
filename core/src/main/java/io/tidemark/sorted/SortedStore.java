package io.tidemark.sorted;

import java.io.IOException;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Port: byte strings in unsigned lexicographic order. Many may ingest, remove and read at the same
/// time; a reader sees an ingestion whole or not at all. Ingestions into stores of one folder
/// become durable in their order. Every method may find files damaged, and then throws
/// [CorruptStoreException].
public interface SortedStore {
  /// A key and its value; neither is changed.
  record Entry(byte[] key, byte[] value) {}

  /// Takes the entries of a scan.
  @FunctionalInterface
  interface Visitor {
    /// @return whether to go on
    boolean visit(byte[] key, byte[] value);
  }

  /// Adds entries with strictly ascending keys; an entry whose key is there replaces it. When this
  /// returns they survive a crash; before that, all or none of them are there.
  void ingest(Iterator<Entry> ascending) throws IOException;

  byte @Nullable [] get(byte[] key) throws IOException;

  /// Visits the entries with `from <= key < to` in ascending order.
  void scan(byte[] from, byte[] to, Visitor visitor) throws IOException;

  /// Removes the entries with `from <= key < to`. A crash may undo it.
  void deleteRange(byte[] from, byte[] to) throws IOException;

  /// Removes one entry, if it is there. A crash may undo it.
  default void delete(byte[] key) throws IOException {
    deleteRange(key, Arrays.copyOf(key, key.length + 1));
  }

  /// Removes entries for good: when this returns no crash brings them back, and no file has them,
  /// nor any that was removed from the range before.
  ///
  /// @param from all of them are in this range
  /// @param to its end, exclusive
  /// @param keys of the entries
  void purge(byte[] from, byte[] to, List<byte[]> keys) throws IOException;

  /// About how many entries there are.
  long entries() throws IOException;
}
