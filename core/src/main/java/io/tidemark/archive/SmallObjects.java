package io.tidemark.archive;

import io.tidemark.files.DurableFiles;
import io.tidemark.table.FileSum;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/// Objects with a few lines in them.
public final class SmallObjects {
  private SmallObjects() {}

  /// The content of an object, if it is there.
  public static Optional<byte[]> find(ObjectStore store, ObjectKey key) throws IOException {
    try {
      return Optional.of(store.getBytes(key));
    } catch (ObjectMissingException _) {
      return Optional.empty();
    }
  }

  /// Puts an object for good; of several who do so at the same time, one is the first.
  ///
  /// @param scratch a local file of this caller
  /// @return what is there: this content, or that of somebody who was quicker
  public static byte[] putFirst(ObjectStore store, ObjectKey key, byte[] content, Path scratch)
      throws IOException {
    if (content.length > ObjectStore.MAX_BYTES) {
      throw new IllegalArgumentException(key + " would have " + content.length + " bytes");
    }
    try {
      DurableFiles.write(scratch, content);
      boolean _ = store.put(key, scratch, FileSum.of(scratch));
    } catch (ObjectDiffersException _) {
      // Somebody else was.
    } finally {
      Files.deleteIfExists(scratch);
    }
    return find(store, key)
        .orElseThrow(
            () -> new ArchiveUnavailableException(key + " is not there although it was put", null));
  }
}
