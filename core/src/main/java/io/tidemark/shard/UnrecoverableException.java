package io.tidemark.shard;

/// A shard's files are damaged beyond what its log can mend: going on would leave a gap.
public final class UnrecoverableException extends IncompatibleStateException {
  private static final long serialVersionUID = 1L;

  UnrecoverableException(String message) {
    super(message);
  }
}
