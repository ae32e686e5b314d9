package io.tidemark.server.http;

import io.helidon.common.buffers.DataReader;
import io.helidon.http.HeaderNames;
import io.helidon.webserver.http.ServerRequest;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
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

  private static final Duration MAX_TIME = Duration.ofSeconds(60);

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
    if (!request.content().hasEntity()) {
      return new Body(new byte[0], 0);
    }
    InputStream raw = open(request);
    try {
      if (gzip) {
        try (InputStream plain = new GZIPInputStream(raw, CHUNK)) {
          return growing(plain, maxBytes, lease);
        }
      }
      return length.isPresent()
          ? exactly(raw, (int) length.getAsLong(), lease)
          : growing(raw, maxBytes, lease);
    } catch (ZipException e) {
      throw new Problem(400, "bad-encoding", "the body is not gzip: " + e.getMessage());
    } catch (DataReader.InsufficientDataAvailableException _) {
      throw new Problem(400, "cut-short", "the connection ended before the body did");
    } catch (DataReader.IncorrectNewLineException | NumberFormatException e) {
      throw new Problem(
          400, "bad-request", "the chunks of the body are malformed: " + e.getMessage());
    } catch (java.io.EOFException _) {
      throw new Problem(400, "bad-encoding", "the compressed body is cut short");
    }
  }

  /// The body as it comes. The server's own stream would, when closed, wait for what is still to
  /// come, even where that is too much; the server sees to the rest after the answer.
  private static InputStream open(ServerRequest request) {
    return new FilterInputStream(request.content().inputStream()) {
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

  /// Takes room for the whole body only once a good part of it has come: an announcement alone
  /// costs nothing, so it shall not occupy much either.
  private static Body exactly(InputStream in, int length, InFlight.Lease lease) throws IOException {
    long start = System.nanoTime();
    int first = Math.min(length, Math.max(CHUNK, length / 8));
    lease.add(first);
    byte[] bytes = new byte[first];
    fill(in, bytes, 0, length, start);
    if (first < length) {
      lease.add(length - first);
      bytes = Arrays.copyOf(bytes, length);
      fill(in, bytes, first, length, start);
    }
    return new Body(bytes, length);
  }

  private static void fill(InputStream in, byte[] bytes, int from, int announced, long start)
      throws IOException {
    for (int at = from; at < bytes.length; ) {
      int read = in.read(bytes, at, bytes.length - at);
      if (read < 0) {
        throw new Problem(
            400, "cut-short", "the body ended after %d of %d bytes".formatted(at, announced));
      }
      at += read;
      checkPace(start);
    }
  }

  private static void checkPace(long start) {
    if (System.nanoTime() - start > MAX_TIME.toNanos()) {
      throw new Problem(
          408, "too-slow", "the body took more than %d s".formatted(MAX_TIME.toSeconds()));
    }
  }

  private static Body growing(InputStream in, int maxBytes, InFlight.Lease lease)
      throws IOException {
    long start = System.nanoTime();
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
      checkPace(start);
      if (length < bytes.length) {
        continue;
      }
      int larger = Math.min(bytes.length * 2, maxBytes + 1);
      lease.add(larger - bytes.length);
      bytes = Arrays.copyOf(bytes, larger);
    }
  }

  private static Problem tooLarge(int maxBytes) {
    return new Problem(
            413, "body-too-large", "a body may have %d bytes, decompressed".formatted(maxBytes))
        .with("limit", maxBytes);
  }
}
