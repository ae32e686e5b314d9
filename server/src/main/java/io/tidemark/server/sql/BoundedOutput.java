package io.tidemark.server.sql;

import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;

/// An output that has an end.
final class BoundedOutput extends FilterOutputStream {
  private final long maxBytes;
  private long bytes;

  BoundedOutput(OutputStream out, long maxBytes) {
    super(out);
    this.maxBytes = maxBytes;
  }

  /// It is full. Not an [IOException]: nothing that is written to has failed.
  static final class Full extends RuntimeException {
    private static final long serialVersionUID = 1L;
  }

  @Override
  public void write(int b) throws IOException {
    count(1);
    out.write(b);
  }

  @Override
  public void write(byte[] from, int offset, int length) throws IOException {
    count(length);
    out.write(from, offset, length);
  }

  private void count(int more) {
    bytes += more;
    if (bytes > maxBytes) {
      throw new Full();
    }
  }
}
