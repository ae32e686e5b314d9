package io.tidemark.server.s3;

import io.tidemark.archive.ArchiveAddress.Bucket;
import io.tidemark.archive.ArchiveUnavailableException;
import io.tidemark.archive.ObjectKey;
import java.io.IOException;
import java.util.function.Supplier;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.s3.S3Client;

/// How requests on one bucket are made, and their failures told.
record Requests(S3Client client, Bucket bucket, Dialect dialect) {
  /// The status of an answer to what was deleted.
  static final int NO_CONTENT = 204;

  /// The status of an answer to what must not be there yet.
  static final int PRECONDITION_FAILED = 412;

  /// A key as the bucket has it.
  String key(ObjectKey key) {
    return begin() + key.text();
  }

  /// What all keys of the bucket that are ours begin with.
  String begin() {
    return bucket.prefix().isEmpty() ? "" : bucket.prefix() + "/";
  }

  /// A key as people know it.
  String name(ObjectKey key) {
    return bucket + "/" + key.text();
  }

  /// Makes a request.
  ///
  /// @param doing what it is for, as `reading s3://bucket/key`
  <T> T call(String doing, Supplier<T> request) throws IOException {
    try {
      return request.get();
    } catch (SdkException e) {
      throw S3Errors.of(doing, e);
    }
  }

  /// Makes a request that depends on the dialect, again where that has been wrong about the server.
  ///
  /// @throws AwsServiceException where the server has something there already
  <T> T put(String doing, Supplier<T> request) throws IOException {
    while (true) {
      try {
        return request.get();
      } catch (AwsServiceException e) {
        if (e.statusCode() == PRECONDITION_FAILED) {
          throw e;
        }
        if (!dialect.learn(e)) {
          throw S3Errors.of(doing, e);
        }
      } catch (SdkException e) {
        throw S3Errors.of(doing, e);
      }
    }
  }

  /// Requires an answer to have what every answer of S3 has: between us and the server may be
  /// somebody who answers everything with a page of his own.
  static void require(boolean likely, String doing) throws ArchiveUnavailableException {
    if (!likely) {
      throw new ArchiveUnavailableException(
          doing + " failed: the answer is not S3's; is there a proxy between?", null);
    }
  }
}
