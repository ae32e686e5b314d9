package io.tidemark.server.imports;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/// A file of events that is being read. For one thread at a time.
public interface EventFile extends AutoCloseable {
  /// What is longer is no event for any node, and would not fit into a request beside others.
  int MAX_BYTES = 8 << 20;

  /// An event.
  ///
  /// @param number of the line it begins in, or of its row, from 1
  /// @param json its text, without a line end
  /// @param reason why it cannot be one, as a node's refusals have it; empty where that is for the
  ///   node to say
  /// @param problem the same for people
  record Event(long number, byte[] json, String reason, String problem) {
    Event(long number, byte[] json) {
      this(number, json, "", "");
    }

    static Event malformed(long number, byte[] json, String problem) {
      return new Event(number, json, "malformed", problem);
    }

    /// @param start of its text
    static Event tooLarge(long number, byte[] start) {
      return new Event(
          number,
          start,
          "too_large",
          "more than 8 MiB; it was not sent, and this is its beginning");
    }
  }

  /// The next event; null at the end.
  @Nullable Event next() throws IOException;

  /// How much of the file has been read, in bytes of it; of some formats about so much.
  long bytesRead();

  @Override
  void close() throws IOException;
}
