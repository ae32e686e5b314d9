package io.tidemark.archive;

import java.io.IOException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.ReadOnlyFileSystemException;

/// What failures of a file system mean for an archive in it.
final class FolderErrors {
  private FolderErrors() {}

  /// @param doing what was tried, as `reading`
  static IOException of(String doing, Path path, IOException e) {
    if (e instanceof ArchiveException) {
      return e;
    }
    if (e instanceof ClosedByInterruptException) {
      var interrupted = new java.io.InterruptedIOException("interrupted " + doing + " " + path);
      interrupted.initCause(e);
      return interrupted;
    }
    String what = "archive: %s %s failed: %s".formatted(doing, path, e);
    if (e instanceof AccessDeniedException
        || e instanceof NotDirectoryException
        || e instanceof FileAlreadyExistsException
        || e.getCause() instanceof ReadOnlyFileSystemException
        || String.valueOf(e.getMessage()).contains("Read-only file system")) {
      return new ArchiveRefusedException(
          what + "; let this user read and write there, or choose another folder", e);
    }
    return new ArchiveUnavailableException(what, e);
  }

  static Path parent(Path path) {
    Path parent = path.getParent();
    if (parent == null) {
      throw new IllegalArgumentException(path + " is a root");
    }
    return parent;
  }
}
