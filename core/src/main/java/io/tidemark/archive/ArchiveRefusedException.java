package io.tidemark.archive;

import org.jspecify.annotations.Nullable;

/// Not until somebody has changed something: there is no such bucket, the credentials are wrong or
/// may not do this, the folder cannot be written to. Trying again changes nothing.
public final class ArchiveRefusedException extends ArchiveException {
  private static final long serialVersionUID = 1L;

  public ArchiveRefusedException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
