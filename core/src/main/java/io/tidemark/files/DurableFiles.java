package io.tidemark.files;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import org.jspecify.annotations.Nullable;

/// Files that are there whole and for good, or not at all: written under a temporary name, synced,
/// renamed, and the folder synced. Every exception names the file.
public final class DurableFiles {
  /// How the names of files end that are not whole yet.
  public static final String TEMPORARY = ".tmp";

  /// Fills a file.
  @FunctionalInterface
  public interface Content {
    void writeTo(Path file) throws IOException;
  }

  private DurableFiles() {}

  public static void write(Path file, byte[] content) throws IOException {
    write(
        file,
        temporary -> {
          try (FileChannel channel =
              FileChannel.open(
                  temporary, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            ByteBuffer buffer = ByteBuffer.wrap(content);
            while (buffer.hasRemaining()) {
              channel.write(buffer);
            }
          }
        });
  }

  /// Writes a file, or replaces it. After a failure the file is as it was, unless the folder could
  /// not be synced: then it is new, but might be lost in a crash.
  public static void write(Path file, Content content) throws IOException {
    write(file, file.resolveSibling(file.getFileName() + TEMPORARY), content);
  }

  /// The same where others may write the same file.
  ///
  /// @param temporary beside the file, and only this caller's
  public static void write(Path file, Path temporary, Content content) throws IOException {
    write(
        file,
        temporary,
        content,
        () -> Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE));
  }

  /// The same for a file that nobody replaces: of several who write it at the same time one is the
  /// first. Where the file system has no hard links, the last one is.
  ///
  /// @throws FileAlreadyExistsException where it is there
  public static void create(Path file, Path temporary, Content content) throws IOException {
    write(file, temporary, content, () -> place(temporary, file));
  }

  private static void place(Path temporary, Path file) throws IOException {
    try {
      Files.createLink(file, temporary);
      Files.delete(temporary);
    } catch (FileAlreadyExistsException e) {
      throw e;
    } catch (UnsupportedOperationException | FileSystemException e) {
      if (Files.exists(file)) {
        throw new FileAlreadyExistsException(file.toString());
      }
      Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE);
    }
  }

  /// Gives a file its name.
  private interface Naming {
    void run() throws IOException;
  }

  private static void write(Path file, Path temporary, Content content, Naming naming)
      throws IOException {
    try {
      Files.deleteIfExists(temporary);
      content.writeTo(temporary);
      try (FileChannel channel = FileChannel.open(temporary, StandardOpenOption.WRITE)) {
        channel.force(true);
      }
      naming.run();
      syncFolder(parent(file));
    } catch (FileAlreadyExistsException e) {
      removeQuietly(temporary, e);
      throw e;
    } catch (IOException e) {
      removeQuietly(temporary, e);
      throw named(file, e);
    }
  }

  /// Makes a folder with all above it, durably. One that is there already may be the work of a
  /// process that was killed before it was durable.
  public static void makeFolder(Path folder) throws IOException {
    Path parent = folder.toAbsolutePath().getParent();
    if (parent == null) {
      return;
    }
    boolean isMissing = !Files.isDirectory(folder);
    if (isMissing) {
      makeFolder(parent);
    }
    try {
      if (isMissing) {
        // Not createDirectory: another shard may be making the same parent.
        Files.createDirectories(folder);
      }
      syncFolder(parent);
    } catch (IOException e) {
      throw named(folder, e);
    }
  }

  /// Deletes what interrupted writes have left behind.
  public static void deleteLeftovers(Path folder) throws IOException {
    try (DirectoryStream<Path> leftovers = Files.newDirectoryStream(folder, "*" + TEMPORARY)) {
      for (Path leftover : leftovers) {
        Files.deleteIfExists(leftover);
      }
    }
  }

  /// Deletes a folder with all that is in it, durably; one that is not there is fine.
  public static void deleteFolder(Path folder) throws IOException {
    if (!Files.isDirectory(folder)) {
      return;
    }
    Files.walkFileTree(
        folder,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
              throws IOException {
            Files.delete(file);
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult postVisitDirectory(Path visited, @Nullable IOException e)
              throws IOException {
            if (e != null) {
              throw e;
            }
            Files.delete(visited);
            return FileVisitResult.CONTINUE;
          }
        });
    syncFolder(parent(folder));
  }

  private static Path parent(Path path) {
    Path parent = path.toAbsolutePath().getParent();
    if (parent == null) {
      throw new IllegalArgumentException(path + " is a root");
    }
    return parent;
  }

  /// Makes the names in a folder durable.
  public static void syncFolder(Path folder) throws IOException {
    try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
      channel.force(true);
    }
  }

  private static void removeQuietly(Path temporary, IOException cause) {
    try {
      Files.deleteIfExists(temporary);
    } catch (IOException e) {
      cause.addSuppressed(e);
    }
  }

  private static IOException named(Path file, IOException e) {
    return e instanceof FileSystemException ? e : new IOException(file + ": " + e, e);
  }
}
