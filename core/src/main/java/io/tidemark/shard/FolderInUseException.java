package io.tidemark.shard;

import java.io.IOException;
import java.nio.file.Path;

/// A shard's folder is open already, in this process or another.
public final class FolderInUseException extends IOException {
  private static final long serialVersionUID = 1L;

  FolderInUseException(Path folder) {
    super(
        folder
            + " is in use by another process or by this one;"
            + " stop the other one, or use another data folder");
  }
}
