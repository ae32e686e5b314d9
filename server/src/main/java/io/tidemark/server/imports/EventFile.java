package io.tidemark.server.imports;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/// A file of events that is being read. For one thread at a time.
public interface EventFile extends AutoCloseable {
  /// An event.
  ///
  /// @param number of the line it begins in, or of its row, from 1
  /// @param json its text, without a line end
  /// @param problem why it cannot be one; empty where that is for the node to say
  record Event(long number, byte[] json, String problem) {
    Event(long number, byte[] json) {
      this(number, json, "");
    }
  }

  /// The next event; null at the end.
  @Nullable Event next() throws IOException;

  /// How much of the file has been read, in bytes of it; of some formats about so much.
  long bytesRead();

  @Override
  void close() throws IOException;
}
