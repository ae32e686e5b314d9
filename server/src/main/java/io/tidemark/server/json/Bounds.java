package io.tidemark.server.json;

import io.tidemark.ingest.Refusal;
import io.tidemark.ingest.Refusal.Reason;

/// What is refused before an event is looked into.
final class Bounds {
  /// A longer event is refused.
  static final int EVENT_BYTES_MAX = 1 << 20;

  private Bounds() {}

  static Refusal notUtf8(int offset) {
    return new Refusal(
        Reason.MALFORMED, "", "expected UTF-8, found another byte at offset " + offset);
  }

  static Refusal tooLarge(int length) {
    return new Refusal(
        Reason.TOO_LARGE,
        "",
        "expected an event of at most " + EVENT_BYTES_MAX + " bytes, found " + length);
  }
}
