package io.tidemark.server.node;

import io.tidemark.archive.ArchiveAddress;
import io.tidemark.archive.FolderObjectStore;
import io.tidemark.archive.ObjectStore;
import io.tidemark.archive.Retry;
import io.tidemark.archive.RetryingStore;
import io.tidemark.server.s3.S3ObjectStore;
import io.tidemark.server.s3.S3Timeouts;
import java.io.IOException;
import java.util.Random;
import java.util.UUID;

/// Opens archives by their addresses. Nothing of S3 is loaded before there is one in a bucket.
public final class Archives {
  private Archives() {}

  /// Opens an archive; every call on it is tried again while that is worth it.
  ///
  /// @throws io.tidemark.archive.ArchiveException where that needs somebody's help; whether a
  ///   bucket can be reached shows on its first use
  public static ObjectStore open(ArchiveAddress address) throws IOException {
    ObjectStore store =
        switch (address) {
          case ArchiveAddress.Folder folder ->
              FolderObjectStore.open(folder.path(), UUID.randomUUID().toString());
          case ArchiveAddress.Bucket bucket -> S3ObjectStore.open(bucket, S3Timeouts.DEFAULT);
        };
    return new RetryingStore(
        store, new Retry(Retry.Limits.DEFAULT, new SystemPauses(), new Random()));
  }
}
