package io.tidemark.archive;

import org.jspecify.annotations.Nullable;

/// There is no object under the key.
public final class ObjectMissingException extends ArchiveException {
  private static final long serialVersionUID = 1L;

  public ObjectMissingException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
