package io.tidemark.server.json;

import io.tidemark.ingest.Refusal.Reason;

/// Thrown by a check to leave the event at once. It carries no stack trace: it is an answer, not an
/// accident.
final class Refused extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final Reason reason;

  /// What follows the pointer to the place where the parser stands: empty, or `/name…`.
  private final String below;

  Refused(Reason reason, String detail) {
    this(reason, "", detail);
  }

  Refused(Reason reason, String below, String detail) {
    super(detail, null, false, false);
    this.reason = reason;
    this.below = below;
  }

  Reason reason() {
    return reason;
  }

  String below() {
    return below;
  }

  String detail() {
    return String.valueOf(getMessage());
  }
}
