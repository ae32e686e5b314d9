package io.tidemark.archive;

import io.tidemark.files.DurableFiles;
import io.tidemark.log.StreamPartition;
import io.tidemark.table.SegmentFormat;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Executor;

/// An archive as a node has it: the store, and the files of it that are here.
///
/// An archive has a name that its first user gives it, `_tidemark/archive.name`. A node remembers
/// it: a folder that is empty since its disk is not mounted, or another bucket, is not taken for
/// it.
public final class Archive {
  private static final ObjectKey NAME = new ObjectKey(ShardArchive.INDEX + "/archive.name");

  private final ObjectStore store;
  private final ArchiveCache cache;

  private Archive(ObjectStore store, ArchiveCache cache) {
    this.store = store;
    this.cache = cache;
  }

  /// Opens an archive.
  ///
  /// @param reads the same store, for who waits for files
  /// @param address for messages
  /// @param newName what nobody else calls one, should it be new
  /// @param folder of this node, for what it remembers and for files that are read
  /// @param cacheBytes how many bytes these may have
  /// @param fetchers what fetches them
  /// @throws ArchiveException where the archive is another one than before, or is new here and
  ///   cannot be reached
  public static Archive open(
      ObjectStore store,
      ObjectStore reads,
      String address,
      String newName,
      Path folder,
      long cacheBytes,
      Executor fetchers)
      throws IOException {
    DurableFiles.makeFolder(folder);
    Path file = folder.resolve("name");
    Optional<String> found = found(store);
    if (Files.exists(file)) {
      requireSame(Files.readString(file), found, address);
    } else {
      byte[] mine = newName.getBytes(StandardCharsets.UTF_8);
      String name =
          found.isPresent()
              ? found.get()
              : text(SmallObjects.putFirst(store, NAME, mine, file.resolveSibling("name.new")));
      DurableFiles.write(file, name.getBytes(StandardCharsets.UTF_8));
    }
    return new Archive(store, ArchiveCache.open(reads, files(folder), cacheBytes, fetchers));
  }

  private static void requireSame(String known, Optional<String> found, String address)
      throws ArchiveRefusedException {
    if (!found.equals(Optional.of(known))) {
      throw new ArchiveRefusedException(
          ("%s is not the archive that this node has used (%s): %s. Is the disk mounted, and the"
                  + " address right?")
              .formatted(
                  address, known, found.map(name -> "its name is " + name).orElse("it is empty")),
          null);
    }
  }

  private static Optional<String> found(ObjectStore store) throws IOException {
    return SmallObjects.find(store, NAME).map(Archive::text);
  }

  private static String text(byte[] name) {
    return new String(name, StandardCharsets.UTF_8);
  }

  /// Where the files are that a node has here.
  ///
  /// @param folder as in [#open]
  public static Path files(Path folder) {
    return folder.resolve("files");
  }

  /// The part of one shard.
  ///
  /// @param shard with the name that its stream's data has
  /// @param format of the files
  public ShardArchive of(StreamPartition shard, SegmentFormat format) {
    return new ShardArchive(shard, store, cache, format);
  }

  /// Removes what puts have left that were interrupted for good, see [ObjectStore#tidy].
  public int tidy(long beforeMs) throws IOException {
    return store.tidy(beforeMs);
  }

  /// The objects themselves.
  public ObjectStore store() {
    return store;
  }

  public ArchiveCache cache() {
    return cache;
  }
}
