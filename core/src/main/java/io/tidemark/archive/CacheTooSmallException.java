package io.tidemark.archive;

import java.io.IOException;

/// What is asked for lies in the archive and does not fit into the cache at once.
public final class CacheTooSmallException extends IOException {
  private static final long serialVersionUID = 1L;

  CacheTooSmallException(int files, long bytes, long cacheBytes) {
    super(
        ("%d files of the archive with %.1f MB in all are needed at once, and the cache for them has"
                + " %.1f MB: ask for a shorter range of time, or make it larger"
                + " (--archive-cache)")
            .formatted(files, bytes / 1e6, cacheBytes / 1e6));
  }
}
