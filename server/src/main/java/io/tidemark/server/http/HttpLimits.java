package io.tidemark.server.http;

import com.sun.management.UnixOperatingSystemMXBean;
import java.lang.management.ManagementFactory;
import java.time.Duration;

/// What one client, and all of them together, may take of a server.
///
/// @param connections at a time; when few are left, those whose clients have been silent longest
///   are closed, and beyond it, further ones wait until another ends
/// @param head how long a request's headers may take to come, after its first line
/// @param body how long its body may
/// @param idle how long a connection may be silent between requests
/// @param answer how long a client may take to read an answer, and a second more for each
///   [#ANSWER_BYTES_A_SECOND]
/// @param headBytes what first lines and headers that are still coming may take in memory; beyond
///   it, the largest is cut off
/// @param unreadBytes what answers that are being read may take in memory; beyond it, the one that
///   has been read for longest is cut off
record HttpLimits(
    int connections,
    Duration head,
    Duration body,
    Duration idle,
    Duration answer,
    long headBytes,
    long unreadBytes) {
  static final long ANSWER_BYTES_A_SECOND = 256 << 10;

  private static final int MAX_CONNECTIONS = 8192;

  /// Of the files that the system lets a process have open, half are for the log, the stores and
  /// segments: without one they fail.
  private static final int FILES_A_CONNECTION = 2;

  /// What holds where nobody says otherwise.
  static HttpLimits standard() {
    return new HttpLimits(
        mostConnections(),
        Duration.ofSeconds(20),
        Duration.ofSeconds(60),
        Duration.ofMinutes(2),
        Duration.ofSeconds(60),
        64L << 20,
        128L << 20);
  }

  private static int mostConnections() {
    if (ManagementFactory.getOperatingSystemMXBean() instanceof UnixOperatingSystemMXBean system) {
      long files = system.getMaxFileDescriptorCount();
      return Math.clamp(files / FILES_A_CONNECTION, 16, MAX_CONNECTIONS);
    }
    return MAX_CONNECTIONS;
  }
}
