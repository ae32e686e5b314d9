package io.tidemark.server.kafka;

/// A stream's topic cannot be used; the message says what to do.
public final class TopicException extends Exception {
  private static final long serialVersionUID = 1L;

  TopicException(String message) {
    super(message);
  }

  TopicException(String message, Throwable cause) {
    super(message, cause);
  }
}
