package io.tidemark.server.http;

import io.helidon.common.buffers.DataReader;
import io.helidon.http.HeaderNames;
import io.helidon.webserver.http.ServerRequest;
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

  /// Memory that a request costs beside its body.
  private static final int OVERHEAD = 1 << 10;

  /// Reads a body.
  ///
  /// @param maxBytes how many bytes it may have, decompressed
  /// @throws Problem 413 beyond the limit, 415 for an unknown encoding, 400 for broken compression,
  ///   429 where the budget is used up
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
    try (InputStream raw = request.content().inputStream()) {
      if (!gzip && length.isPresent()) {
        return exactly(raw, (int) length.getAsLong(), lease);
      }
      return growing(gzip ? new GZIPInputStream(raw, CHUNK) : raw, maxBytes, lease);
    } catch (ZipException e) {
      throw new Problem(400, "bad-encoding", "the body is not gzip: " + e.getMessage());
    } catch (DataReader.InsufficientDataAvailableException _) {
      throw new Problem(400, "cut-short", "the connection ended before the body did");
    } catch (java.io.EOFException _) {
      throw new Problem(400, "bad-encoding", "the compressed body is cut short");
    }
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

  private static Body exactly(InputStream in, int length, InFlight.Lease lease) throws IOException {
    lease.add(length);
    byte[] bytes = new byte[length];
    int read = in.readNBytes(bytes, 0, length);
    if (read < length) {
      throw new Problem(
          400, "cut-short", "the body ended after %d of %d bytes".formatted(read, length));
    }
    return new Body(bytes, length);
  }

  private static Body growing(InputStream in, int maxBytes, InFlight.Lease lease)
      throws IOException {
    lease.add(CHUNK);
    byte[] bytes = new byte[CHUNK];
    int length = 0;
    while (true) {
      int read = in.readNBytes(bytes, length, bytes.length - length);
      length += read;
      if (length > maxBytes) {
        throw tooLarge(maxBytes);
      }
      if (length < bytes.length) {
        return new Body(bytes, length);
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
