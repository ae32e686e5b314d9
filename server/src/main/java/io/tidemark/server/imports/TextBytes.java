package io.tidemark.server.imports;

import java.io.ByteArrayOutputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;

/// The bytes of a text file, unpacked where its name ends in `.gz`, without a byte order mark.
final class TextBytes implements AutoCloseable {
  private static final int BUFFER_BYTES = 256 << 10;
  private static final int[] MARK = {0xEF, 0xBB, 0xBF};

  private final Path file;
  private final Counting counting;
  private final InputStream in;
  private final byte[] buffer = new byte[BUFFER_BYTES];
  private int at;
  private int end;

  /// Counts what is read.
  private static final class Counting extends FilterInputStream {
    private long bytes;

    Counting(InputStream in) {
      super(in);
    }

    @Override
    public int read() throws IOException {
      int b = super.read();
      bytes += b < 0 ? 0 : 1;
      return b;
    }

    @Override
    public int read(byte[] into, int offset, int length) throws IOException {
      int read = super.read(into, offset, length);
      bytes += Math.max(0, read);
      return read;
    }
  }

  private TextBytes(Path file, Counting counting, InputStream in) {
    this.file = file;
    this.counting = counting;
    this.in = in;
  }

  static TextBytes open(Path file) throws IOException {
    Counting counting = new Counting(Files.newInputStream(file));
    try {
      boolean gzip = String.valueOf(file.getFileName()).toLowerCase(Locale.ROOT).endsWith(".gz");
      InputStream in = gzip ? new GzipMembers(counting) : counting;
      TextBytes bytes = new TextBytes(file, counting, in);
      bytes.skipMark();
      return bytes;
    } catch (IOException e) {
      counting.close();
      throw new IOException(file + ": " + e.getMessage(), e);
    }
  }

  private void skipMark() throws IOException {
    fill();
    boolean marked = end >= MARK.length;
    for (int i = 0; marked && i < MARK.length; i++) {
      marked = (buffer[i] & 0xFF) == MARK[i];
    }
    at = marked ? MARK.length : 0;
  }

  private void fill() throws IOException {
    at = 0;
    try {
      end = Math.max(0, in.readNBytes(buffer, 0, buffer.length));
    } catch (IOException e) {
      throw new IOException("%s: %s".formatted(file, e.getMessage()), e);
    }
  }

  /// The next byte; -1 at the end.
  int read() throws IOException {
    if (at == end) {
      fill();
      if (end == 0) {
        return -1;
      }
    }
    return buffer[at++] & 0xFF;
  }

  /// The next byte, which stays the next one.
  int peek() throws IOException {
    int b = read();
    if (b >= 0) {
      at--;
    }
    return b;
  }

  /// Appends what comes before the next line end, or before the end.
  ///
  /// @param most how many bytes the line may have then; the others are skipped
  /// @return whether there was a line end, which is read, too
  boolean readLine(ByteArrayOutputStream line, int most) throws IOException {
    while (at < end || peek() >= 0) {
      int from = at;
      while (at < end && buffer[at] != '\n') {
        at++;
      }
      line.write(buffer, from, Math.min(at - from, Math.max(0, most - line.size())));
      if (at < end) {
        at++;
        return true;
      }
    }
    return false;
  }

  long bytesRead() {
    return counting.bytes;
  }

  @Override
  public void close() throws IOException {
    in.close();
  }
}
