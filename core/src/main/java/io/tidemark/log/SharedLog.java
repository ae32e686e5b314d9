package io.tidemark.log;

import java.io.IOException;
import java.util.List;

/// Port: a small log that all nodes on the same brokers share and read whole. What nodes must agree
/// on without a leader, they agree on by its order. Many threads may use it.
public interface SharedLog {
  /// The records that have come since it was last read, in their order: at least all that had been
  /// acknowledged, to whomever, when this was called.
  List<byte[]> read() throws IOException;

  /// Appends a record; when this returns it is in the log for good. Where it throws, it may be.
  void append(byte[] record) throws IOException;
}
