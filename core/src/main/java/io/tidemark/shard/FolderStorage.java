package io.tidemark.shard;

import io.tidemark.archive.ShardArchive;
import io.tidemark.files.DurableFiles;
import io.tidemark.sorted.SortedStore;
import io.tidemark.sorted.SortedStores;
import io.tidemark.table.SegmentFormat;
import io.tidemark.table.SegmentStore;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// A shard's files in a folder of its own:
///
/// ```
/// lock                      held while the folder is open
/// manifest-<20 digits>      one per checkpoint, the newest and the one before
/// segments/<name>.<ext>     in a [SegmentFormat]
/// sorted/                   the folder of [SortedStores]
/// ```
///
/// Manifests and segments get their names only when they are whole and durable (see
/// [DurableFiles]); what ends in `.tmp` is the rest of an interrupted write and is deleted on
/// opening. Sorted stores are opened when they are first asked for.
public final class FolderStorage implements ShardStorage {
  private static final String MANIFEST_PREFIX = "manifest-";
  private static final Pattern MANIFEST = Pattern.compile(MANIFEST_PREFIX + "(\\d{20})");

  private final Path folder;
  private final FolderLock lock;
  private final FolderSegments segments;
  private final SortedStores.Opener opener;
  private @Nullable SortedStores sorted;

  private final Optional<ShardArchive> archive;

  private FolderStorage(
      Path folder,
      FolderLock lock,
      SegmentFormat format,
      SortedStores.Opener opener,
      Optional<ShardArchive> archive) {
    this.archive = archive;
    this.folder = folder;
    this.lock = lock;
    this.segments = new FolderSegments(folder.resolve("segments"), format);
    this.opener = opener;
  }

  /// Opens a folder; it is made where it is new.
  ///
  /// @throws FolderInUseException where it is open already, here or in another process
  public static FolderStorage open(Path folder, SegmentFormat format, SortedStores.Opener sorted)
      throws IOException {
    return open(folder, format, sorted, Optional.empty());
  }

  /// Opens a folder of a shard that has a part in an archive.
  public static FolderStorage open(
      Path folder, SegmentFormat format, SortedStores.Opener sorted, Optional<ShardArchive> archive)
      throws IOException {
    DurableFiles.makeFolder(folder);
    FolderLock lock = FolderLock.take(folder);
    try {
      // This syncs the folder: a process that was killed may just have renamed a manifest.
      DurableFiles.makeFolder(folder.resolve("segments"));
      DurableFiles.deleteLeftovers(folder);
      DurableFiles.deleteLeftovers(folder.resolve("segments"));
      return new FolderStorage(folder, lock, format, sorted, archive);
    } catch (IOException | RuntimeException e) {
      lock.close();
      throw e;
    }
  }

  @Override
  public List<Long> manifests() throws IOException {
    List<Long> numbers = new ArrayList<>();
    try (DirectoryStream<Path> files = Files.newDirectoryStream(folder, MANIFEST_PREFIX + "*")) {
      for (Path file : files) {
        var matcher = MANIFEST.matcher(file.getFileName().toString());
        if (matcher.matches()) {
          numbers.add(Long.parseLong(matcher.group(1)));
        }
      }
    }
    numbers.sort(null);
    return numbers;
  }

  @Override
  public byte[] readManifest(long number) throws IOException {
    return Files.readAllBytes(manifest(number));
  }

  @Override
  public void writeManifest(long number, byte[] content) throws IOException {
    DurableFiles.write(manifest(number), content);
  }

  @Override
  public void deleteManifest(long number) throws IOException {
    Files.deleteIfExists(manifest(number));
  }

  private Path manifest(long number) {
    if (number < 0) {
      throw new IllegalArgumentException("manifest " + number);
    }
    return folder.resolve(MANIFEST_PREFIX + "%020d".formatted(number));
  }

  @Override
  public Optional<ShardArchive> archive() {
    return archive;
  }

  @Override
  public SegmentStore segments() {
    return segments;
  }

  @Override
  public SortedStore sorted(String name) throws IOException {
    return stores().open(FileNames.checked(name));
  }

  @Override
  public void retainSorted(List<String> names) throws IOException {
    if (sorted != null || Files.isDirectory(sortedFolder())) {
      stores().retain(names);
    }
  }

  @Override
  public List<String> sortedFiles() throws IOException {
    return sorted != null || Files.isDirectory(sortedFolder()) ? stores().files() : List.of();
  }

  @Override
  public long verifySorted(String file) throws IOException {
    return stores().verify(file);
  }

  @Override
  public void discardSorted() throws IOException {
    SortedStores open = sorted;
    if (open != null) {
      sorted = null;
      open.close();
    }
    DurableFiles.deleteFolder(sortedFolder());
  }

  private Path sortedFolder() {
    return folder.resolve("sorted");
  }

  private SortedStores stores() throws IOException {
    SortedStores open = sorted;
    if (open == null) {
      DurableFiles.makeFolder(sortedFolder());
      open = opener.open(sortedFolder());
      // What it has made there is found again after a crash.
      DurableFiles.syncFolder(sortedFolder());
      sorted = open;
    }
    return open;
  }

  @Override
  public long sizeBytes() throws IOException {
    long[] bytes = new long[1];
    Files.walkFileTree(
        folder,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
            bytes[0] += attributes.size();
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFileFailed(Path file, IOException e) {
            // Files come and go while others write.
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult postVisitDirectory(Path visited, @Nullable IOException e) {
            return FileVisitResult.CONTINUE;
          }
        });
    return bytes[0];
  }

  @Override
  public void close() throws IOException {
    SortedStores open = sorted;
    try (lock) {
      if (open != null) {
        open.close();
      }
    }
  }
}
