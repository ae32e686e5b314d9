package io.tidemark.server.http;

import io.helidon.common.buffers.DataReader;
import io.helidon.http.HeaderNames;
import io.helidon.webserver.http.ServerRequest;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.Locale;
import java.util.OptionalLong;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipException;

/// A request's body in memory, decompressed, within a limit.
///
/// @param bytes the body is in the first `length` of them
record Body(byte[] bytes, int length) {
  private static final int CHUNK = 16 << 10;

  /// So much room is taken before anything of a body has come.
  private static final int FIRST = 4 << 10;

  /// Memory that a request costs beside its body.
  private static final int OVERHEAD = 1 << 10;

  /// Reads a body.
  ///
  /// @param maxBytes how many bytes it may have, decompressed
  /// @throws Problem 413 beyond the limit, 415 for an unknown encoding, 400 for broken compression,
  ///   429 where the budget is used up, 408 where it takes too long
  static Body read(ServerRequest request, int maxBytes, InFlight.Lease lease) throws IOException {
    lease.add(OVERHEAD);
    boolean gzip = isGzip(request);
    OptionalLong length = request.headers().contentLength();
    if (length.isPresent() && length.getAsLong() > maxBytes) {
      throw tooLarge(maxBytes);
    }
    lease.requireRoom(length.orElse(0));
    if (!request.content().hasEntity()) {
      return new Body(new byte[0], 0);
    }
    InputStream raw = open(request, maxBytes);
    ClientPace.awaitBody();
    try {
      if (gzip) {
        try (InputStream plain = new GZIPInputStream(raw, CHUNK)) {
          return growing(plain, maxBytes, lease);
        }
      }
      return length.isPresent()
          ? exactly(raw, (int) length.getAsLong(), lease)
          : growing(raw, maxBytes, lease);
    } catch (StackOverflowError _) {
      // The JDK's stream calls itself for each part that decompresses to nothing.
      throw new Problem(400, "bad-encoding", "the body has too many empty gzip members");
    } catch (ZipException e) {
      throw new Problem(400, "bad-encoding", "the body is not gzip: " + e.getMessage());
    } catch (DataReader.InsufficientDataAvailableException _) {
      throw new Problem(400, "cut-short", "the connection ended before the body did");
    } catch (DataReader.IncorrectNewLineException | NumberFormatException e) {
      throw new Problem(
          400, "bad-request", "the chunks of the body are malformed: " + e.getMessage());
    } catch (java.io.EOFException _) {
      throw new Problem(400, "bad-encoding", "the compressed body is cut short");
    } finally {
      ClientPace.bodyRead();
    }
  }

  /// The body as it comes, compressed or not, within the limit. The server's own stream would, when
  /// closed, wait for what is still to come, even where that is too much; the server sees to the
  /// rest after the answer.
  private static InputStream open(ServerRequest request, int maxBytes) {
    return new FilterInputStream(request.content().inputStream()) {
      private long bytes;

      @Override
      public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
      }

      @Override
      public int read(byte[] into, int offset, int length) throws IOException {
        int read = super.read(into, offset, length);
        bytes += Math.max(read, 0);
        if (bytes > maxBytes) {
          throw tooLarge(maxBytes);
        }
        checkPace();
        return read;
      }

      @Override
      public void close() {}
    };
  }

  private static boolean isGzip(ServerRequest request) {
    String encoding =
        request
            .headers()
            .first(HeaderNames.CONTENT_ENCODING)
            .orElse("identity")
            .toLowerCase(Locale.ROOT);
    return switch (encoding) {
      case "identity" -> false;
      case "gzip", "x-gzip" -> true;
      default ->
          throw new Problem(
              415, "unknown-encoding", "content encoding " + encoding + "; gzip is understood");
    };
  }

  /// Takes room as the body comes: an announcement alone costs nothing, so it shall not occupy much
  /// either.
  private static Body exactly(InputStream in, int length, InFlight.Lease lease) throws IOException {
    int first = Math.min(length, FIRST);
    lease.add(first);
    byte[] bytes = new byte[first];
    for (int at = 0; at < length; ) {
      if (at == bytes.length) {
        int larger = (int) Math.min(length, bytes.length * 4L);
        lease.add(larger - bytes.length);
        bytes = Arrays.copyOf(bytes, larger);
      }
      int read = in.read(bytes, at, bytes.length - at);
      if (read < 0) {
        throw new Problem(
            400, "cut-short", "the body ended after %d of %d bytes".formatted(at, length));
      }
      at += read;
    }
    // So that the server knows, too, that nothing is left.
    in.read();
    return new Body(bytes, length);
  }

  private static void checkPace() {
    if (ClientPace.isBodyLate()) {
      throw new Problem(408, "too-slow", "the body has taken too long to come");
    }
  }

  private static Body growing(InputStream in, int maxBytes, InFlight.Lease lease)
      throws IOException {
    lease.add(CHUNK);
    byte[] bytes = new byte[CHUNK];
    int length = 0;
    while (true) {
      int read = in.read(bytes, length, bytes.length - length);
      if (read < 0) {
        return new Body(bytes, length);
      }
      length += read;
      if (length > maxBytes) {
        throw tooLarge(maxBytes);
      }
      if (length < bytes.length) {
        continue;
      }
      int larger = Math.min(bytes.length * 2, maxBytes + 1);
      lease.add(larger - bytes.length);
      bytes = Arrays.copyOf(bytes, larger);
    }
  }

  static Problem tooLarge(int maxBytes) {
    return new Problem(
            413, "body-too-large", "a body may have %d bytes, decompressed".formatted(maxBytes))
        .with("limit", maxBytes);
  }
}
