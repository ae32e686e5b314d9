package io.tidemark.server.node;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// A node's data folder, used by one process at a time.
public final class DataFolder implements AutoCloseable {
  private static final String LOCK = "lock";

  private final Path path;
  private final FileChannel lock;
  private final @Nullable Object lockKey;

  private DataFolder(Path path, FileChannel lock) throws IOException {
    this.path = path;
    this.lock = lock;
    this.lockKey = lockKey();
  }

  /// Makes the folder where it is missing, and takes it.
  ///
  /// @throws IOException where another process has it, or it cannot be written to
  static DataFolder take(Path path) throws IOException {
    Path folder = path.toAbsolutePath().normalize();
    try {
      Files.createDirectories(folder);
    } catch (IOException e) {
      throw new IOException("cannot make the data folder " + folder + ": " + e.getMessage(), e);
    }
    FileChannel channel;
    try {
      channel =
          FileChannel.open(
              folder.resolve(LOCK), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    } catch (IOException e) {
      throw new IOException("cannot write to the data folder " + folder + ": " + e, e);
    }
    if (tryLock(channel) == null) {
      channel.close();
      throw new IOException(
          "another node is running on the data folder %s; stop it, or choose another with --data"
              .formatted(folder));
    }
    return new DataFolder(folder, channel);
  }

  private static @Nullable FileLock tryLock(FileChannel channel) throws IOException {
    try {
      return channel.tryLock();
    } catch (OverlappingFileLockException _) {
      return null;
    }
  }

  /// What tells the lock file from any other that has ever been in its place, where the file system
  /// knows such a thing; it is not given to another file while this one is open.
  private @Nullable Object lockKey() throws IOException {
    return Files.readAttributes(path.resolve(LOCK), BasicFileAttributes.class).fileKey();
  }

  /// Whether the folder is no longer at its path: somebody has moved or deleted it, and perhaps
  /// made another, which another node may have taken.
  boolean isGone() {
    try {
      return !Objects.equals(lockKey, lockKey());
    } catch (NoSuchFileException _) {
      return true;
    } catch (IOException _) {
      // A disk that fails has other ways to say so.
      return false;
    }
  }

  Path resolve(String name) {
    return path.resolve(name);
  }

  Path path() {
    return path;
  }

  /// Deletes a folder that nobody uses, with all that is in it.
  public static void delete(Path folder) throws IOException {
    Files.walkFileTree(
        folder,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
              throws IOException {
            Files.deleteIfExists(file);
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult postVisitDirectory(Path dir, @Nullable IOException e)
              throws IOException {
            Files.deleteIfExists(dir);
            return FileVisitResult.CONTINUE;
          }
        });
  }

  @Override
  public void close() throws IOException {
    lock.close();
  }
}
