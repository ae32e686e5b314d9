package io.tidemark.server.s3;

import software.amazon.awssdk.awscore.exception.AwsServiceException;

/// What of S3 a server does not know, once it has said so. Without it everything works as well,
/// with one guarantee less.
final class Dialect {
  private static final int NOT_IMPLEMENTED = 501;

  private volatile boolean conditions = true;
  private volatile boolean checksums = true;

  /// Whether a put may be told to fail where something is there already.
  boolean hasConditions() {
    return conditions;
  }

  /// Whether CRC-32C may be sent with what it is of.
  boolean hasChecksums() {
    return checksums;
  }

  /// Learns from a refusal.
  ///
  /// @return whether the same request may succeed now
  boolean learn(AwsServiceException e) {
    if (e.statusCode() != NOT_IMPLEMENTED && !S3Errors.code(e).equals("NotImplemented")) {
      return false;
    }
    if (conditions) {
      conditions = false;
      return true;
    }
    if (checksums) {
      checksums = false;
      return true;
    }
    return false;
  }
}
