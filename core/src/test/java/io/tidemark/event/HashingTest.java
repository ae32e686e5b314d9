package io.tidemark.event;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class HashingTest {
  @ParameterizedTest
  @CsvSource({
    "21, -973932308",
    "foobar, -790332482",
    "a-little-bit-long-string, -985981536",
    "a-little-bit-longer-string, -1486304829",
    "lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8, -58897971",
    "abc, 479470107"
  })
  void keysHashAsInKafkasOwnTests(String key, int hash) {
    assertThat(Hashing.murmur2(key.getBytes(StandardCharsets.UTF_8))).isEqualTo(hash);
  }

  @Test
  void aPartitionIsNeverNegative() {
    for (int i = 0; i < 10_000; i++) {
      byte[] key = Integer.toString(i).getBytes(StandardCharsets.US_ASCII);
      assertThat(Hashing.partition(key, 7)).isBetween(0, 6);
    }
  }

  @Test
  void aHashOfARangeIsThatOfItsBytes() {
    byte[] data = "some bytes that are longer than eight".getBytes(StandardCharsets.US_ASCII);
    for (int start = 0; start < data.length; start++) {
      for (int length = 0; start + length <= data.length; length++) {
        byte[] range = java.util.Arrays.copyOfRange(data, start, start + length);
        assertThat(Hashing.hash64(data, start, length, 5))
            .isEqualTo(Hashing.hash64(range, 0, length, 5));
      }
    }
  }

  @Test
  void hashesOfSimilarTextsDiffer() {
    Set<Long> hashes = new HashSet<>();
    for (int i = 0; i < 200_000; i++) {
      hashes.add(Hashing.hash64(("user-" + i).getBytes(StandardCharsets.US_ASCII)));
    }
    assertThat(hashes).hasSize(200_000);
  }

  /// Stored files are found by these: they never change.
  @Test
  void hashesAreThoseOfStoredFiles() {
    assertThat(Hashing.hash64(new byte[0])).isEqualTo(HASH_OF_NOTHING);
    assertThat(Hashing.hash64("tidemark stores it".getBytes(StandardCharsets.US_ASCII)))
        .isEqualTo(HASH_OF_TEXT);
  }

  private static final long HASH_OF_NOTHING = -1205034819632174695L;
  private static final long HASH_OF_TEXT = 2425852244615041984L;
}
