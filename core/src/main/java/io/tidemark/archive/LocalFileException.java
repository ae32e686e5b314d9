package io.tidemark.archive;

import java.nio.file.FileSystemException;
import java.nio.file.Path;

/// A file on this machine is not what its sum says. Not the archive's fault.
public final class LocalFileException extends FileSystemException {
  private static final long serialVersionUID = 1L;

  public LocalFileException(Path file, String reason) {
    super(file.toString(), null, reason);
  }
}
