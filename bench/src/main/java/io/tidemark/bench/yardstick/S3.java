package io.tidemark.bench.yardstick;

import io.tidemark.bench.process.Child;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/// An S3 server on a folder, in a process of its own, with one bucket.
public final class S3 implements AutoCloseable {
  private static final String BUCKET = "bench";
  private static final Duration PATIENCE = Duration.ofMinutes(1);

  private final Child server;
  private final String endpoint;

  private S3(Child server, String endpoint) {
    this.server = server;
    this.endpoint = endpoint;
  }

  /// @param folder where it has its objects
  public static S3 start(Path root, Path folder, Path log)
      throws IOException, InterruptedException {
    Files.createDirectories(folder.resolve(BUCKET));
    Child server =
        Child.program(
            root.resolve("testing-s3/target"),
            log,
            List.of("-Xmx256m"),
            "io.tidemark.testing.s3.S3Server",
            List.of(folder.toString(), "access", "secret"));
    try {
      return new S3(server, server.awaitLine("READY ", PATIENCE));
    } catch (IOException | InterruptedException | RuntimeException e) {
      server.close();
      throw e;
    }
  }

  /// What `--archive` is given.
  public String address() {
    return "s3://" + BUCKET + "/tidemark";
  }

  /// Options of a JVM whose AWS SDK is to find it.
  public String javaOptions() {
    return "-Daws.endpointUrlS3=%s -Daws.region=us-east-1 -Daws.accessKeyId=access -Daws.secretAccessKey=secret"
        .formatted(endpoint);
  }

  @Override
  public void close() {
    server.close();
  }
}
