package io.tidemark.sorted;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/// Port: the sorted stores that lie in one folder. One user at a time.
public interface SortedStores extends AutoCloseable {
  /// The store of this name, made where it is new.
  SortedStore open(String name) throws IOException;

  /// Removes all stores but these.
  void retain(List<String> names) throws IOException;

  /// The files that entries lie in just now.
  List<String> files();

  /// Reads all of a file and compares it with its checksums.
  ///
  /// @return how many bytes it has; 0 where it is not needed any more
  /// @throws CorruptStoreException where it is not as it was written
  long verify(String file) throws IOException;

  /// Closes all stores; nobody may be reading them.
  @Override
  void close() throws IOException;

  /// Opens the stores of a folder.
  @FunctionalInterface
  interface Opener {
    /// Opens those of one folder.
    ///
    /// @param folder exists and is used for nothing else
    /// @throws CorruptStoreException where what is there cannot be opened, and never will be
    SortedStores open(Path folder) throws IOException;
  }
}
