package io.tidemark.server.s3;

import java.time.Duration;

/// How long to wait for a server.
///
/// @param connect until a connection is there
/// @param idle between two pieces of an answer
/// @param attempt for a request and the beginning of its answer
/// @param call for all attempts that the library makes of a call
public record S3Timeouts(Duration connect, Duration idle, Duration attempt, Duration call) {
  /// A part of 16 MB in two minutes is 1 Mbit/s; what is slower than that cannot be an archive.
  public static final S3Timeouts DEFAULT =
      new S3Timeouts(
          Duration.ofSeconds(5),
          Duration.ofSeconds(30),
          Duration.ofMinutes(2),
          Duration.ofMinutes(5));
}
