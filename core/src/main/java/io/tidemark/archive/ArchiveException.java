package io.tidemark.archive;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/// An archive cannot do what it was asked to; the message says what, where, and what helps.
public abstract sealed class ArchiveException extends IOException
    permits ArchiveUnavailableException,
        ArchiveRefusedException,
        ObjectMissingException,
        ObjectDiffersException {
  private static final long serialVersionUID = 1L;

  ArchiveException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }

  /// The archive's own failure, where it is why something else failed, as writing a local file.
  public static IOException unwrapped(IOException e) {
    return e.getCause() instanceof ArchiveException own ? own : e;
  }
}
