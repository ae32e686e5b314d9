package io.tidemark.archive;

import io.tidemark.table.FileSum;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;

/// Port: objects under keys. For many threads, and for many processes on the same objects.
///
/// What goes wrong with the store is an [ArchiveException], whose kinds say what is worth doing;
/// what goes wrong with a local file is any other [IOException]. Everything may be repeated.
/// Whoever is interrupted gets a [java.io.InterruptedIOException].
public interface ObjectStore extends AutoCloseable {
  /// How many bytes [#putBytes] takes and [#getBytes] gives.
  int MAX_BYTES = 8 << 20;

  /// Puts a file under a key, for good. When this returns the object survives a crash and has been
  /// compared with the sum; before that it may be missing but is never torn. What an attempt that
  /// failed has sent already need not be sent again.
  ///
  /// Two that put different files under one key at the same time may both succeed where the store
  /// cannot tell; one of the objects is there then.
  ///
  /// @param sum what the file has to be
  /// @return whether it was sent; false where it was there already
  /// @throws ObjectDiffersException where something else is under the key
  /// @throws IOException where the file is not what the sum says, or cannot be read
  boolean put(ObjectKey key, Path file, FileSum sum) throws IOException;

  /// Puts or replaces a small object, for an index. When this returns it survives a crash; readers
  /// see the old content or the new one.
  void putBytes(ObjectKey key, byte[] content) throws IOException;

  /// The content of a small object, not longer than [#MAX_BYTES].
  ///
  /// @throws ObjectMissingException where it is not there
  /// @throws ObjectDiffersException where it is too long
  byte[] getBytes(ObjectKey key) throws IOException;

  /// Fetches an object into a local file, or replaces that; when this returns it is durable. One
  /// caller at a time for a file. After a failure the file is as it was.
  ///
  /// @param sum what the object has to be
  /// @throws ObjectMissingException where it is not there
  /// @throws ObjectDiffersException where it is something else
  void get(ObjectKey key, Path file, FileSum sum) throws IOException;

  /// What is known of an object; nothing where it is not there.
  Optional<StoredObject> stat(ObjectKey key) throws IOException;

  /// Visits all objects whose keys begin so, in the order of their keys, page by page. What others
  /// put or delete meanwhile is visited or not; what is no [ObjectKey] is not.
  ///
  /// @param prefix how keys begin; any characters of keys, or none for all
  /// @param after only keys beyond it; none for all
  void list(String prefix, String after, Visitor visitor) throws IOException;

  /// Deletes an object; one that is not there is fine.
  void delete(ObjectKey key) throws IOException;

  /// Removes what puts have left that were interrupted for good. To be called now and then.
  ///
  /// @param beforeMs only what was begun before then, in milliseconds since 1970: a put that is
  ///   under way must not be disturbed
  /// @return how many puts that were
  int tidy(long beforeMs) throws IOException;

  /// Takes the objects of a listing.
  @FunctionalInterface
  interface Visitor {
    /// @return whether to go on
    boolean visit(StoredObject object) throws IOException;
  }

  @Override
  void close() throws IOException;
}
