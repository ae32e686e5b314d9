package io.tidemark.server.s3;

import io.tidemark.archive.ArchiveRefusedException;
import java.time.Duration;
import software.amazon.awssdk.core.checksums.RequestChecksumCalculation;
import software.amazon.awssdk.core.checksums.ResponseChecksumValidation;
import software.amazon.awssdk.core.exception.SdkClientException;
import software.amazon.awssdk.core.retry.RetryMode;
import software.amazon.awssdk.http.apache5.Apache5HttpClient;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.S3ClientBuilder;

/// Makes clients of S3. Credentials, region and endpoint are found as all of Amazon's tools find
/// them: in the environment, in profiles, from the machine.
final class S3Clients {
  private static final int CONNECTIONS = 64;

  /// Servers close connections that nobody has used for some time.
  private static final Duration MAX_IDLE = Duration.ofSeconds(20);

  private S3Clients() {}

  static S3Client client(S3Timeouts timeouts) throws ArchiveRefusedException {
    try {
      S3Client client = builder(timeouts).build();
      if (client.serviceClientConfiguration().endpointOverride().isEmpty()) {
        return client;
      }
      // Somebody else's server need not have a name for each bucket.
      client.close();
      return builder(timeouts).forcePathStyle(true).build();
    } catch (SdkClientException e) {
      throw new ArchiveRefusedException(
          ("no client for S3: %s. Set AWS_REGION, or region in a profile; any region will do for a"
                  + " server that is not Amazon's, which is named by AWS_ENDPOINT_URL_S3")
              .formatted(e.getMessage()),
          e);
    }
  }

  static S3ClientBuilder builder(S3Timeouts timeouts) {
    return S3Client.builder()
        .httpClientBuilder(
            Apache5HttpClient.builder()
                .connectionTimeout(timeouts.connect())
                .socketTimeout(timeouts.idle())
                .connectionAcquisitionTimeout(timeouts.idle())
                .connectionMaxIdleTime(MAX_IDLE)
                .maxConnections(CONNECTIONS))
        // Checksums are ours, in headers; those that the library adds are in trailers, which not
        // all
        // servers know.
        .requestChecksumCalculation(RequestChecksumCalculation.WHEN_REQUIRED)
        .responseChecksumValidation(ResponseChecksumValidation.WHEN_REQUIRED)
        .serviceConfiguration(c -> c.chunkedEncodingEnabled(false))
        .overrideConfiguration(
            o ->
                o.apiCallAttemptTimeout(timeouts.attempt())
                    .apiCallTimeout(timeouts.call())
                    .retryStrategy(RetryMode.STANDARD));
  }
}
