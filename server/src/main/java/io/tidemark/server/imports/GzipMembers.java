package io.tidemark.server.imports;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.util.Objects;
import java.util.zip.CRC32;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;
import java.util.zip.ZipException;

/// What the members of a gzip file have in them, one after the other (RFC 1952). The JDK's own
/// takes a member whose header is damaged for the file's end; here only zeros may come behind the
/// last one.
final class GzipMembers extends InputStream {
  private static final int BUFFER_BYTES = 1 << 16;
  private static final int CHECKSUM = 2;
  private static final int EXTRA = 4;
  private static final int NAME = 8;
  private static final int COMMENT = 16;

  private final InputStream in;
  private final Inflater inflater = new Inflater(true);
  private final CRC32 sum = new CRC32();
  private final byte[] buffer = new byte[BUFFER_BYTES];

  /// What of the buffer is not unpacked yet, between members.
  private int at;

  private int end;
  private boolean ended;

  GzipMembers(InputStream in) throws IOException {
    this.in = in;
    readHeader(next());
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
  }

  @Override
  public int read(byte[] into, int offset, int length) throws IOException {
    Objects.checkFromIndexSize(offset, length, into.length);
    if (length == 0) {
      return 0;
    }
    while (!ended) {
      int unpacked = inflate(into, offset, length);
      if (unpacked > 0) {
        sum.update(into, offset, unpacked);
        return unpacked;
      }
      if (inflater.finished()) {
        at = end - inflater.getRemaining();
        endMember();
      } else if (inflater.needsDictionary()) {
        throw new ZipException("a gzip member that cannot be unpacked");
      } else {
        require(fill());
        inflater.setInput(buffer, 0, end);
      }
    }
    return -1;
  }

  private int inflate(byte[] into, int offset, int length) throws IOException {
    try {
      return inflater.inflate(into, offset, length);
    } catch (DataFormatException e) {
      throw new ZipException("damaged gzip data: " + e.getMessage());
    }
  }

  private void endMember() throws IOException {
    if (readInt() != sum.getValue() || readInt() != (inflater.getBytesWritten() & 0xFFFF_FFFFL)) {
      throw new ZipException("a gzip member is damaged: its checksum or length is wrong");
    }
    int first = at < end || fill() ? next() : 0;
    if (first != 0) {
      inflater.reset();
      sum.reset();
      readHeader(first);
      return;
    }
    while (at < end || fill()) {
      if (next() != 0) {
        throw new ZipException("behind a gzip member is something that is none");
      }
    }
    ended = true;
  }

  private void readHeader(int first) throws IOException {
    if (first != 0x1F || next() != 0x8B || next() != 8) {
      throw new ZipException("no gzip, or a gzip member whose header is damaged");
    }
    int flags = next();
    skip(6);
    if ((flags & EXTRA) != 0) {
      skip(next() | (next() << 8));
    }
    if ((flags & NAME) != 0) {
      skipText();
    }
    if ((flags & COMMENT) != 0) {
      skipText();
    }
    if ((flags & CHECKSUM) != 0) {
      skip(2);
    }
    inflater.setInput(buffer, at, end - at);
  }

  private void skip(int count) throws IOException {
    for (int i = 0; i < count; i++) {
      int _ = next();
    }
  }

  private void skipText() throws IOException {
    int b = next();
    while (b != 0) {
      b = next();
    }
  }

  private long readInt() throws IOException {
    return next() | (next() << 8) | (next() << 16) | ((long) next() << 24);
  }

  /// The next packed byte.
  private int next() throws IOException {
    require(at < end || fill());
    return buffer[at++] & 0xFF;
  }

  private boolean fill() throws IOException {
    at = 0;
    end = Math.max(0, in.read(buffer, 0, buffer.length));
    return end > 0;
  }

  private static void require(boolean more) throws EOFException {
    if (!more) {
      throw new EOFException("the file ends within a gzip member");
    }
  }

  @Override
  public void close() throws IOException {
    inflater.end();
    in.close();
  }
}
