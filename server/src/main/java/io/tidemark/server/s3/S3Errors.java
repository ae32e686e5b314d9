package io.tidemark.server.s3;

import io.tidemark.archive.ArchiveRefusedException;
import io.tidemark.archive.ArchiveUnavailableException;
import io.tidemark.archive.ObjectMissingException;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.security.cert.CertificateException;
import java.util.Set;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.core.exception.AbortedException;
import software.amazon.awssdk.core.exception.SdkException;

/// What failures of S3 mean for an archive: whether to try again, and what a person can do.
final class S3Errors {
  /// Not the caller's fault, though the status says so.
  private static final Set<String> TRANSIENT =
      Set.of(
          "RequestTimeout",
          "SlowDown",
          "Throttling",
          "RequestLimitExceeded",
          "BadDigest",
          "InvalidDigest",
          "XAmzContentChecksumMismatch",
          "XAmzContentSHA256Mismatch",
          "IncompleteBody",
          "ConditionalRequestConflict",
          "OperationAborted",
          "NoSuchUpload",
          "InvalidPart",
          "ExpiredToken",
          "TokenRefreshRequired");

  private S3Errors() {}

  /// @param doing what was tried, as `reading s3://bucket/key`
  static IOException of(String doing, SdkException e) {
    if (e instanceof AbortedException || isInterrupted(e)) {
      var interrupted = new InterruptedIOException("interrupted " + doing);
      interrupted.initCause(e);
      return interrupted;
    }
    return e instanceof AwsServiceException answer ? answered(doing, answer) : local(doing, e);
  }

  private static boolean isInterrupted(Throwable e) {
    return e.getCause() instanceof InterruptedException;
  }

  static String code(AwsServiceException e) {
    return e.awsErrorDetails() == null || e.awsErrorDetails().errorCode() == null
        ? ""
        : e.awsErrorDetails().errorCode();
  }

  private static IOException answered(String doing, AwsServiceException e) {
    String code = code(e);
    String what =
        "%s failed: %s"
            .formatted(
                doing,
                code.isEmpty()
                    ? "status " + e.statusCode()
                    : "%s (%s, status %d)".formatted(code, detail(e), e.statusCode()));
    if (TRANSIENT.contains(code)
        || e.statusCode() >= 500
        || e.statusCode() == 408
        || e.statusCode() == 429
        || e.isClockSkewException()
        || e.isThrottlingException()) {
      return new ArchiveUnavailableException(what, e);
    }
    return switch (code) {
      case "NoSuchKey" -> new ObjectMissingException(what, e);
      case "NoSuchBucket" -> refused(what, "make the bucket, or correct the archive's address", e);
      case "InvalidAccessKeyId", "SignatureDoesNotMatch", "InvalidToken" ->
          refused(what, "the credentials are wrong: look at AWS_ACCESS_KEY_ID and its secret", e);
      case "PermanentRedirect",
          "AuthorizationHeaderMalformed",
          "IllegalLocationConstraintException" ->
          refused(what, "the bucket is elsewhere: set AWS_REGION to its region", e);
      default ->
          switch (e.statusCode()) {
            case 301, 307 -> refused(what, "the bucket is in another region: set AWS_REGION", e);
            case 401, 403 ->
                refused(
                    what,
                    "the credentials must allow s3:GetObject, PutObject, DeleteObject,"
                        + " AbortMultipartUpload and ListMultipartUploadParts on the objects,"
                        + " ListBucket and ListBucketMultipartUploads on the bucket",
                    e);
            case 404 -> new ObjectMissingException(what, e);
            default -> refused(what, "the server does not understand what S3 does", e);
          };
    };
  }

  private static String detail(AwsServiceException e) {
    String message = e.awsErrorDetails().errorMessage();
    return message == null ? "no more is said" : message;
  }

  private static IOException refused(String what, String help, SdkException e) {
    return new ArchiveRefusedException(what + "; " + help, e);
  }

  /// No answer that S3 could have given.
  private static IOException local(String doing, SdkException e) {
    String what = "%s failed: %s".formatted(doing, rootMessage(e));
    String message = String.valueOf(e.getMessage());
    if (message.contains("Unable to load credentials")
        || message.contains("credentials from any")) {
      return refused(
          what,
          "set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE, or give the machine a"
              + " role",
          e);
    }
    for (Throwable cause = e; cause != null; cause = cause.getCause()) {
      if (cause instanceof CertificateException) {
        return refused(what, "the server's certificate is not one that this machine trusts", e);
      }
    }
    return new ArchiveUnavailableException(what, e);
  }

  private static String rootMessage(Throwable e) {
    Throwable root = e;
    while (root.getCause() != null) {
      root = root.getCause();
    }
    return e.getCause() == null
        ? String.valueOf(e.getMessage())
        : e.getMessage() + " (" + root + ")";
  }
}
