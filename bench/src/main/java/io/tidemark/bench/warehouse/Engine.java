package io.tidemark.bench.warehouse;

import java.io.IOException;
import java.util.List;

/// Somebody who can be asked, one question at a time.
public interface Engine extends AutoCloseable {
  /// An answer, as rows whose values are between spaces: of minutes `minute count sum`, of a
  /// look-up `ms price id` of each tag, of quantiles `minute p50 p99`; without what is empty.
  ///
  /// @param ms how long it took
  record Reply(double ms, List<String> rows) {
    public Reply {
      rows = List.copyOf(rows);
    }
  }

  String name();

  /// By how much of their value its quantiles may be wrong; 0: they are exact.
  default double tolerance() {
    return 0;
  }

  /// @throws IOException where it refuses the question, or fails
  Reply ask(Question question) throws IOException, InterruptedException;

  @Override
  void close() throws IOException;
}
