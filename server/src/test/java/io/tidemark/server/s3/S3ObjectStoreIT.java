package io.tidemark.server.s3;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.archive.ArchiveAddress.Bucket;
import io.tidemark.archive.ObjectStore;
import io.tidemark.archive.ObjectStoreContract;
import io.tidemark.archive.Retry;
import io.tidemark.archive.RetryingStore;
import io.tidemark.archive.VirtualPauses;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class S3ObjectStoreIT extends ObjectStoreContract {
  static final int PART_BYTES = 5 << 20;
  private static final AtomicInteger TESTS = new AtomicInteger();

  @TempDir private static Path folder;
  private static S3Process server;

  private final Bucket bucket = new Bucket("archive", "test-" + TESTS.incrementAndGet());

  @BeforeAll
  static void start() throws IOException {
    server = S3Process.start(folder);
    server.makeBucket("archive");
  }

  @AfterAll
  static void stop() throws InterruptedException {
    server.close();
  }

  @Override
  protected ObjectStore open() {
    return new RetryingStore(
        new S3ObjectStore(server.client(), bucket, PART_BYTES, 100),
        new Retry(Retry.Limits.DEFAULT, new VirtualPauses(), new SplittableRandom(1)));
  }

  @Override
  protected List<Integer> lengths() {
    return List.of(0, 1000, PART_BYTES, 2 * PART_BYTES + 17);
  }

  @Test
  void aBucketKnowsTheChecksums() throws IOException {
    try (ObjectStore store = open()) {
      for (int length : lengths()) {
        byte[] content = noise(length, 1);
        store.put(key("k" + length), file(content), sum(content));
        assertThat(store.stat(key("k" + length)).orElseThrow().crc32c())
            .hasValue(sum(content).crc32c());
      }
    }
  }
}
