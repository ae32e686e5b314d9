package io.tidemark.server.s3;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.awscore.retry.AwsRetryStrategy;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.retries.api.BackoffStrategy;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.S3ClientBuilder;

/// A real S3 server on a folder, as a process of its own: its libraries are not ours. Killed on
/// closing.
public final class S3Process implements AutoCloseable {
  public static final String ACCESS_KEY = "access";
  public static final String SECRET_KEY = "secret";
  private static final String READY = "READY ";
  private static final Path BUILT = Path.of("..", "testing-s3", "target");

  private final Process process;
  private final URI endpoint;

  private S3Process(Process process, URI endpoint) {
    this.process = process;
    this.endpoint = endpoint;
  }

  /// Starts it; when this returns it serves.
  public static S3Process start(Path folder) throws IOException {
    assertThat(BUILT.resolve("lib"))
        .as("the server's libraries: mvn -Dquick -DskipTests -pl testing-s3 package")
        .isDirectory();
    Process process =
        new ProcessBuilder(
                ProcessHandle.current().info().command().orElseThrow(),
                "-Xmx256m",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                BUILT.resolve("classes") + ":" + BUILT.resolve("lib") + "/*",
                "io.tidemark.testing.s3.S3Server",
                folder.toString(),
                ACCESS_KEY,
                SECRET_KEY)
            .redirectErrorStream(true)
            .start();
    BufferedReader out = process.inputReader(StandardCharsets.UTF_8);
    StringBuilder all = new StringBuilder();
    for (String line = out.readLine(); line != null; line = out.readLine()) {
      if (line.startsWith(READY)) {
        var _ = Thread.startVirtualThread(() -> drain(out));
        return new S3Process(process, URI.create(line.substring(READY.length())));
      }
      all.append(line).append('\n');
    }
    throw new IOException("the S3 server's process ended:\n" + all);
  }

  private static void drain(BufferedReader out) {
    try (out) {
      out.transferTo(Writer.nullWriter());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  public URI endpoint() {
    return endpoint;
  }

  /// A client of it, directly or by way of somebody between. It tries as often as any other, at
  /// once.
  static S3Client client(URI endpoint, S3Timeouts timeouts, String secretKey) {
    S3ClientBuilder builder = S3Clients.builder(timeouts);
    return builder
        .overrideConfiguration(
            builder.overrideConfiguration().toBuilder()
                .retryStrategy(
                    AwsRetryStrategy.standardRetryStrategy().toBuilder()
                        .backoffStrategy(BackoffStrategy.retryImmediately())
                        .throttlingBackoffStrategy(BackoffStrategy.retryImmediately())
                        .build())
                .build())
        .endpointOverride(endpoint)
        .forcePathStyle(true)
        .region(Region.US_EAST_1)
        .credentialsProvider(
            StaticCredentialsProvider.create(AwsBasicCredentials.create(ACCESS_KEY, secretKey)))
        .build();
  }

  S3Client client() {
    return client(endpoint, S3Timeouts.DEFAULT, SECRET_KEY);
  }

  /// Makes a bucket.
  public void makeBucket(String name) {
    try (S3Client client = client()) {
      client.createBucket(b -> b.bucket(name));
    }
  }

  @Override
  public void close() throws InterruptedException {
    process.destroyForcibly().waitFor();
  }
}
