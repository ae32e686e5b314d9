package io.tidemark.shard;

import java.io.IOException;

/// What lies on disk cannot be gone on from: it belongs to another declaration or another log, or
/// is an [UnrecoverableException]. Nothing has been changed; the message says what to do.
public class IncompatibleStateException extends IOException {
  private static final long serialVersionUID = 1L;

  IncompatibleStateException(String message) {
    super(message);
  }
}
