package io.tidemark.server.node;

import io.tidemark.archive.Archive;
import io.tidemark.archive.ArchiveAddress;
import io.tidemark.archive.ArchiveTables;
import io.tidemark.archive.FolderObjectStore;
import io.tidemark.archive.ObjectStore;
import io.tidemark.archive.Retry;
import io.tidemark.archive.RetryingStore;
import io.tidemark.server.iceberg.IcebergTables;
import io.tidemark.server.registry.StreamSchemas;
import io.tidemark.server.s3.S3ObjectStore;
import io.tidemark.server.s3.S3Timeouts;
import io.tidemark.server.yaml.Sizes;
import io.tidemark.table.TableShape;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Opens archives by their addresses. Nothing of S3 is loaded before there is one in a bucket.
public final class Archives {
  /// Files that are fetched at a time.
  private static final int FETCHERS = 8;

  /// For who asks a question that needs files.
  private static final Retry.Limits WHILE_SOMEBODY_WAITS =
      new Retry.Limits(4, Duration.ofMillis(100), Duration.ofSeconds(1), Duration.ofSeconds(4));

  private static final long LEAST_CACHE_BYTES = 64L << 20;

  /// No upload takes so long.
  private static final Duration OLD = Duration.ofHours(24);

  private static final Logger LOG = LoggerFactory.getLogger(Archives.class);

  /// In the data folder.
  private static final String FOLDER = "archive";

  private Archives() {}

  /// Reads what is said of an archive on the command line.
  ///
  /// @throws IllegalArgumentException where it makes no sense; the message says why, for a person
  public static NodeConfig.Archive parse(String address, String cacheSize) {
    long cacheBytes =
        Sizes.parse(cacheSize)
            .filter(bytes -> bytes >= LEAST_CACHE_BYTES)
            .orElseThrow(
                () ->
                    new IllegalArgumentException(
                        "the cache can be 64MiB or larger, as 4GiB, not '%s'"
                            .formatted(cacheSize)));
    return new NodeConfig.Archive(ArchiveAddress.parse(address), cacheBytes);
  }

  /// Opens an archive; every call on it is tried again while that is worth it.
  ///
  /// @throws io.tidemark.archive.ArchiveException where that needs somebody's help; whether a
  ///   bucket can be reached shows on its first use
  public static ObjectStore open(ArchiveAddress address) throws IOException {
    return again(once(address), Retry.Limits.DEFAULT);
  }

  private static ObjectStore once(ArchiveAddress address) throws IOException {
    return switch (address) {
      case ArchiveAddress.Folder folder ->
          FolderObjectStore.open(folder.path(), UUID.randomUUID().toString());
      case ArchiveAddress.Bucket bucket -> S3ObjectStore.open(bucket, S3Timeouts.DEFAULT);
    };
  }

  private static ObjectStore again(ObjectStore store, Retry.Limits limits) {
    return new RetryingStore(store, new Retry(limits, new SystemPauses(), new Random()));
  }

  /// Where a node has files of the archive.
  static Path files(DataFolder data) {
    return Archive.files(data.resolve(FOLDER));
  }

  /// Opens the archive of a node, and the cache for it in the node's data folder.
  static Archive open(NodeConfig.Archive config, DataFolder data, Resources resources)
      throws IOException {
    ObjectStore store = resources.add("the archive", once(config.address()));
    ExecutorService fetchers =
        resources.add(
            "fetching from the archive",
            Executors.newFixedThreadPool(
                FETCHERS,
                task -> Thread.ofPlatform().name("tidemark-fetch").daemon().unstarted(task)));
    Archive archive =
        Archive.open(
            again(store, Retry.Limits.DEFAULT),
            again(store, WHILE_SOMEBODY_WAITS),
            config.address().toString(),
            UUID.randomUUID().toString(),
            data.resolve(FOLDER),
            config.cacheBytes(),
            fetchers);
    ScheduledExecutorService tidying =
        resources.add(
            "tidying the archive",
            Executors.newSingleThreadScheduledExecutor(
                task -> Thread.ofPlatform().name("tidemark-tidy").daemon().unstarted(task)));
    var _ = tidying.scheduleWithFixedDelay(() -> tidy(archive), 1, 6, TimeUnit.HOURS);
    return archive;
  }

  /// The tables over an archive, for other engines.
  static ArchiveTables tables(
      Archive archive, NodeConfig.Archive config, DataFolder data, StreamSchemas schemas) {
    return new IcebergTables(
        archive.store(),
        config.address().toString(),
        data.resolve(FOLDER),
        stream -> schemas.versions(stream).stream().map(TableShape::events).toList(),
        InstantSource.system());
  }

  /// Uploads that nobody will end cost money, and do not show.
  private static void tidy(Archive archive) {
    try {
      int removed = archive.tidy(System.currentTimeMillis() - OLD.toMillis());
      if (removed > 0) {
        LOG.info("the archive had {} uploads that nobody has ended; they are removed", removed);
      }
    } catch (IOException | RuntimeException e) {
      LOG.warn("the archive cannot be tidied; it is tried again in some hours: {}", e.toString());
    }
  }
}
