package io.tidemark.archive;

import io.tidemark.files.DurableFiles;
import io.tidemark.table.FileSum;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.atomic.AtomicLong;

/// Objects as files of a folder, which may be on a disk of another machine: the key is the path. A
/// put writes `.<name>.<owner>-<n>.tmp` beside its file first (see [DurableFiles]); such files are
/// not seen by anybody, and those of processes that were killed are left to [#tidy].
///
/// A folder knows no checksums: whether an object that is there already is the one to be put, is
/// found out by reading it.
public final class FolderObjectStore implements ObjectStore {
  private static final int TRIES = 5;

  private final Path root;
  private final String owner;
  private final AtomicLong puts = new AtomicLong();

  private FolderObjectStore(Path root, String owner) {
    this.root = root;
    this.owner = owner;
  }

  /// Opens a folder; it is made where it is new.
  ///
  /// @param owner what no other store on the same folder has, here or elsewhere: letters, digits,
  ///   `-` and `_`, up to 40
  public static FolderObjectStore open(Path root, String owner) throws IOException {
    if (!owner.matches("[\\w-]{1,40}")) {
      throw new IllegalArgumentException("owner '" + owner + "'");
    }
    try {
      DurableFiles.makeFolder(root);
    } catch (IOException e) {
      throw FolderErrors.of("making the folder", root, e);
    }
    return new FolderObjectStore(root, owner);
  }

  @Override
  public boolean put(ObjectKey key, Path file, FileSum sum) throws IOException {
    requireRoot();
    if (isThere(key, sum)) {
      return false;
    }
    try (FileChannel from = FileChannel.open(file, StandardOpenOption.READ)) {
      write(key, temporary -> SummedCopy.toFile(from, temporary).require(file, sum), Place.IF_FREE);
      return true;
    } catch (FileAlreadyExistsException _) {
      // Somebody was quicker.
      return !isThere(key, sum);
    }
  }

  private boolean isThere(ObjectKey key, FileSum sum) throws IOException {
    Path file = file(key);
    try (FileChannel found = FileChannel.open(file, StandardOpenOption.READ)) {
      long bytes = found.size();
      if (bytes != sum.bytes()) {
        throw new ObjectDiffersException(
            "%s is there already with %d bytes, not %d".formatted(file, bytes, sum.bytes()), null);
      }
      FileSum there = FileSum.of(found);
      if (!there.equals(sum)) {
        throw new ObjectDiffersException(
            "%s is there already with the checksum %08x, not %08x"
                .formatted(file, there.crc32c(), sum.crc32c()),
            null);
      }
      // Whoever put it may have been killed before it was durable.
      found.force(true);
      DurableFiles.syncFolder(FolderErrors.parent(file));
      return true;
    } catch (NoSuchFileException _) {
      return false;
    } catch (IOException e) {
      throw FolderErrors.of("reading", file, e);
    }
  }

  @Override
  public void putBytes(ObjectKey key, byte[] content) throws IOException {
    if (content.length > MAX_BYTES) {
      throw new IllegalArgumentException(key + " would have " + content.length + " bytes");
    }
    requireRoot();
    write(
        key,
        temporary -> Files.write(temporary, content, StandardOpenOption.CREATE_NEW),
        Place.REPLACING);
  }

  /// Somebody who deletes may take the folder away between its making and its use. What becomes of
  /// what is there already.
  private enum Place {
    REPLACING,
    IF_FREE
  }

  /// @throws FileAlreadyExistsException where the place is not free
  private void write(ObjectKey key, DurableFiles.Content content, Place place) throws IOException {
    Path file = file(key);
    for (int tries = 1; ; tries++) {
      Path temporary =
          file.resolveSibling(
              ".%s.%s-%d%s"
                  .formatted(
                      file.getFileName(), owner, puts.getAndIncrement(), DurableFiles.TEMPORARY));
      try {
        DurableFiles.makeFolder(FolderErrors.parent(file));
        if (place == Place.IF_FREE) {
          DurableFiles.create(file, temporary, content);
        } else {
          DurableFiles.write(file, temporary, content);
        }
        return;
      } catch (FileAlreadyExistsException e) {
        if (Files.exists(file)) {
          throw e;
        }
        throw FolderErrors.of("writing", file, e);
      } catch (NoSuchFileException e) {
        if (tries == TRIES) {
          throw FolderErrors.of("writing", file, e);
        }
      } catch (LocalFileException e) {
        throw e;
      } catch (IOException e) {
        throw FolderErrors.of("writing", file, e);
      }
    }
  }

  @Override
  public byte[] getBytes(ObjectKey key) throws IOException {
    requireRoot();
    Path file = file(key);
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      return SummedCopy.bytes(file, channel, MAX_BYTES);
    } catch (NoSuchFileException e) {
      throw new ObjectMissingException("there is no " + file, e);
    } catch (IOException e) {
      throw FolderErrors.of("reading", file, e);
    }
  }

  @Override
  public void get(ObjectKey key, Path file, FileSum sum) throws IOException {
    requireRoot();
    Path object = file(key);
    try (FileChannel from = FileChannel.open(object, StandardOpenOption.READ)) {
      DurableFiles.write(
          file,
          temporary -> {
            FileSum found = SummedCopy.toFile(from.position(0), temporary).sum();
            if (!found.equals(sum)) {
              throw new ObjectDiffersException(
                  "%s has %d bytes with the checksum %08x, not %d with %08x"
                      .formatted(object, found.bytes(), found.crc32c(), sum.bytes(), sum.crc32c()),
                  null);
            }
          });
    } catch (NoSuchFileException e) {
      if (object.toString().equals(e.getFile())) {
        throw new ObjectMissingException("there is no " + object, e);
      }
      throw e;
    } catch (IOException e) {
      throw ArchiveException.unwrapped(e);
    }
  }

  @Override
  public Optional<StoredObject> stat(ObjectKey key) throws IOException {
    requireRoot();
    Path file = file(key);
    try {
      BasicFileAttributes found = Files.readAttributes(file, BasicFileAttributes.class);
      return found.isRegularFile() ? Optional.of(object(key, found)) : Optional.empty();
    } catch (NoSuchFileException | NotDirectoryException _) {
      return Optional.empty();
    } catch (IOException e) {
      throw FolderErrors.of("looking at", file, e);
    }
  }

  static StoredObject object(ObjectKey key, BasicFileAttributes found) {
    return new StoredObject(
        key, found.size(), found.lastModifiedTime().toMillis(), OptionalLong.empty());
  }

  @Override
  public void list(String prefix, String after, Visitor visitor) throws IOException {
    if (!ObjectKey.isPrefix(prefix)) {
      throw new IllegalArgumentException("no key begins with '" + prefix + "'");
    }
    requireRoot();
    new FolderListing(root, prefix, after, visitor).visit();
  }

  @Override
  public void delete(ObjectKey key) throws IOException {
    requireRoot();
    Path file = file(key);
    try {
      if (Files.isRegularFile(file) && Files.deleteIfExists(file)) {
        DurableFiles.syncFolder(FolderErrors.parent(file));
        removeEmptyFolders(FolderErrors.parent(file));
      }
    } catch (NoSuchFileException _) {
      // Somebody else was quicker.
    } catch (IOException e) {
      throw FolderErrors.of("deleting", file, e);
    }
  }

  private void removeEmptyFolders(Path from) throws IOException {
    for (Path folder = from; !folder.equals(root); folder = FolderErrors.parent(folder)) {
      try {
        Files.deleteIfExists(folder);
      } catch (DirectoryNotEmptyException _) {
        return;
      }
    }
  }

  @Override
  public int tidy(long beforeMs) throws IOException {
    requireRoot();
    int removed = 0;
    try (var files = Files.walk(root)) {
      for (Path file : (Iterable<Path>) files::iterator) {
        String name = String.valueOf(file.getFileName());
        if (name.startsWith(".")
            && name.endsWith(DurableFiles.TEMPORARY)
            && Files.isRegularFile(file)
            && Files.getLastModifiedTime(file).toMillis() < beforeMs
            && Files.deleteIfExists(file)) {
          removed++;
        }
      }
    } catch (UncheckedIOException e) {
      throw FolderErrors.of("tidying", root, Objects.requireNonNull(e.getCause()));
    } catch (IOException e) {
      throw FolderErrors.of("tidying", root, e);
    }
    return removed;
  }

  private Path file(ObjectKey key) {
    return root.resolve(key.text());
  }

  /// A disk that is not mounted looks like an empty archive.
  private void requireRoot() throws ArchiveUnavailableException {
    if (!Files.isDirectory(root)) {
      throw new ArchiveUnavailableException(
          "the archive's folder %s is not there; is its disk mounted?".formatted(root), null);
    }
  }

  @Override
  public void close() {}
}
