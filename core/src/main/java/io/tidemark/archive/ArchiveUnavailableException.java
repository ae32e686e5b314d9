package io.tidemark.archive;

import org.jspecify.annotations.Nullable;

/// Not just now: the store is out of reach, overloaded, slow, or what came over the network was not
/// what was sent. The same call may succeed later; [Retry] makes it again.
public final class ArchiveUnavailableException extends ArchiveException {
  private static final long serialVersionUID = 1L;

  public ArchiveUnavailableException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
