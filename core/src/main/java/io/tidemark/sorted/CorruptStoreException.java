package io.tidemark.sorted;

import java.io.IOException;

/// A sorted store's files are not what was written: cut short, changed or missing.
public final class CorruptStoreException extends IOException {
  private static final long serialVersionUID = 1L;

  public CorruptStoreException(String message, Throwable cause) {
    super(message, cause);
  }
}
