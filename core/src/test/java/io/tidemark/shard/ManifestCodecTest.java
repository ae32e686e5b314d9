package io.tidemark.shard;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemark.shard.Manifest.LogPoint;
import io.tidemark.shard.Manifest.SegmentRef;
import io.tidemark.shard.Manifest.ViewState;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class ManifestCodecTest {
  private static final Manifest MANIFEST =
      new Manifest(
          17,
          "tags[Field[path=größe, type=LONG, required=true]]",
          1234,
          -5,
          new Counts(1, 2, 3, 4, 5, 6),
          List.of(
              new ViewState(
                  Manifest.TABLE,
                  "table",
                  1,
                  1234,
                  -5,
                  List.of(
                      new SegmentRef("_events-1-0-9", 9, 100, Long.MIN_VALUE, 7, Map.of()),
                      new SegmentRef("_events-1-9-1234", 8, 90, 5, Long.MAX_VALUE, Map.of()))),
              new ViewState("empty", "", 3, 0, Long.MIN_VALUE, List.of()),
              new ViewState(
                  "rollup",
                  "rollup by=[1, 2]",
                  2,
                  2000,
                  9,
                  List.of(new SegmentRef("r", 3, 4, 5, 6, Map.of(0, 1L, 3, 2L))))),
          List.of(new LogPoint(0, 0), new LogPoint(1234, 99)));

  @Test
  void aManifestComesBack() throws Exception {
    assertThat(ManifestCodec.decode(ManifestCodec.encode(MANIFEST))).isEqualTo(MANIFEST);
    Manifest empty = Manifest.empty("t");
    assertThat(ManifestCodec.decode(ManifestCodec.encode(empty))).isEqualTo(empty);
  }

  @Test
  void anOperatorCanReadIt() {
    assertThat(new String(ManifestCodec.encode(MANIFEST), StandardCharsets.UTF_8))
        .startsWith("tidemark-manifest\t1\nnumber\t17\n")
        .contains("\nposition\t1234\t-5\n", "\nsegment\tr\t3\t4\t5\t6\t0=1,3=2\n");
  }

  @Test
  void everyChangeOfOneByteIsDetected() {
    byte[] good = ManifestCodec.encode(MANIFEST);
    for (int at = 0; at < good.length; at++) {
      for (int change = 1; change < 256; change++) {
        byte[] bad = good.clone();
        bad[at] ^= (byte) change;
        assertCorrupt(bad);
      }
    }
  }

  @Test
  void everyTruncationIsDetected() {
    byte[] good = ManifestCodec.encode(MANIFEST);
    for (int length = 0; length < good.length; length++) {
      assertCorrupt(Arrays.copyOf(good, length));
    }
    assertCorrupt(Arrays.copyOf(good, good.length + 1));
  }

  @Test
  void aNameThatWouldBreakTheLinesIsRefused() {
    Manifest bad = Manifest.empty("two\nlines");
    assertThatThrownBy(() -> ManifestCodec.encode(bad))
        .isInstanceOf(IllegalArgumentException.class);
  }

  private static void assertCorrupt(byte[] bytes) {
    assertThatThrownBy(() -> ManifestCodec.decode(bytes)).isInstanceOf(ManifestCodec.Corrupt.class);
  }
}
