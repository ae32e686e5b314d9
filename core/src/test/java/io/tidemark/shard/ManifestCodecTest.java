package io.tidemark.shard;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemark.files.SummedText;
import io.tidemark.shard.Manifest.Backfill;
import io.tidemark.shard.Manifest.LogPoint;
import io.tidemark.shard.Manifest.SegmentRef;
import io.tidemark.shard.Manifest.ViewState;
import io.tidemark.table.FileSum;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

final class ManifestCodecTest {
  private static final Manifest MANIFEST =
      new Manifest(
          17,
          "tags[Field[path=größe, type=LONG, required=true]]",
          "cluster topic",
          new LogPrefix(2000, 0xffffffffL),
          List.of(
              LogPoint.ZERO,
              new LogPoint(new LogPrefix(1234, 0xabcL), -5, new Counts(1, 2, 3, 4, 5, 99))),
          Optional.of(new Manifest.Ids("user.id", 70, 2000, 9)),
          List.of(
              new ViewState(
                  Manifest.TABLE,
                  "table",
                  1,
                  1234,
                  -5,
                  Backfill.NONE,
                  List.of(
                      segment("_events-1-0-9", 0, 9, Map.of()),
                      segment("_events-1-9-1234", 9, 1234, Map.of()))),
              new ViewState("empty", "", 3, 0, Long.MIN_VALUE, Backfill.NONE, List.of()),
              new ViewState(
                  "rollup",
                  "rollup by=[1, 2]",
                  2,
                  2000,
                  9,
                  new Backfill(7, 1000, -3),
                  List.of(segment("r", 3, 2000, Map.of(0, 1L, 3, 2L))))),
          new Archived(
              5,
              9,
              List.of(
                  segment("stream=s/hour=1/0-0-7", 0, 7, Map.of()), segment("a/b", 7, 9, Map.of())),
              3),
          List.of(
              new Erasure(30, 1_700_000_000_000L, "", 2, 7, -5, 9, true, 1, 4),
              Erasure.of(31, 5, "größe\t\u001f\n%+ ")));

  private static SegmentRef segment(String name, long from, long to, Map<Integer, Long> sets) {
    return new SegmentRef(
        name,
        from,
        to,
        8,
        new FileSum(100, 0xfedcba98L),
        Long.MIN_VALUE,
        Long.MAX_VALUE,
        sets,
        to + 3);
  }

  @Test
  void aManifestComesBack() throws Exception {
    assertThat(ManifestCodec.decode(ManifestCodec.encode(MANIFEST))).isEqualTo(MANIFEST);
    Manifest empty = Manifest.empty("t", "", Optional.empty());
    assertThat(ManifestCodec.decode(ManifestCodec.encode(empty))).isEqualTo(empty);
  }

  @Test
  void anOperatorCanReadIt() {
    assertThat(new String(ManifestCodec.encode(MANIFEST), StandardCharsets.UTF_8))
        .startsWith("tidemark-manifest\t7\nnumber\t17\n")
        .contains("\nposition\t1234\tabc\t-5\t1\t2\t3\t4\t5\t99\n")
        .contains("\nsegment\tr\t3\t2000\t8\t100\tfedcba98\t")
        .contains("\t0=1,3=2\t2003\n")
        .contains("\nerasure\t31\t5\tgr%C3%B6%C3%9Fe%09%1F%0A%25%2B+\t0\t0\t")
        .contains("\nbackfill\t7\t1000\t-3\n")
        .contains("\narchive\t5\t9\t3\narchived\tstream=s/hour=1/0-0-7\t0\t7\t8\t100\tfedcba98\t");
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
    Manifest bad = Manifest.empty("two\nlines", "", Optional.empty());
    assertThatThrownBy(() -> ManifestCodec.encode(bad))
        .isInstanceOf(IllegalArgumentException.class);
  }

  private static void assertCorrupt(byte[] bytes) {
    assertThatThrownBy(() -> ManifestCodec.decode(bytes)).isInstanceOf(SummedText.Corrupt.class);
  }
}
