package io.tidemark.archive;

import org.jspecify.annotations.Nullable;

/// Something else is under the key than the caller knows: another content, or a damaged one. The
/// store has been asked for its length or checksum, so this is no error of the network.
public final class ObjectDiffersException extends ArchiveException {
  private static final long serialVersionUID = 1L;

  public ObjectDiffersException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
