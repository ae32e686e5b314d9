package io.tidemark.server.yaml;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

/// Durations and sizes as text.
class QuantitiesTest {
  @Test
  void aDurationIsNumbersWithUnitsTheLargerFirst() {
    assertThat(Durations.parse("250ms")).contains(Duration.ofMillis(250));
    assertThat(Durations.parse("90s")).contains(Duration.ofSeconds(90));
    assertThat(Durations.parse("1h30m")).contains(Duration.ofMinutes(90));
    assertThat(Durations.parse("1w1d1h1m1s1ms"))
        .contains(Duration.ofDays(8).plusHours(1).plusMinutes(1).plusSeconds(1).plusMillis(1));
    for (String wrong :
        new String[] {
          "", "1", "h", "1 h", "1H", "-1h", "1.5h", "30m1h", "1h1h", "1hx", "x1h", "1µs"
        }) {
      assertThat(Durations.parse(wrong)).as(wrong).isEmpty();
    }
  }

  @Test
  void aDurationTooLargeForALongIsAsLargeAsThatCanBe() {
    Duration largest = Duration.ofMillis(Long.MAX_VALUE);
    assertThat(Durations.parse("9223372036854775807w")).contains(largest);
    assertThat(Durations.parse("99999999999999999999ms")).contains(largest);
    assertThat(Durations.parse("9223372036854775h9223372036854775807ms")).contains(largest);
  }

  @Test
  void whatIsAlmostADurationIsMended() {
    assertThat(Durations.mend("2 hours")).contains("2h");
    assertThat(Durations.mend("1 Hour 30 Min")).contains("1h30m");
    assertThat(Durations.mend("5sec")).contains("5s");
    assertThat(Durations.mend("1x")).isEmpty();
    assertThat(Durations.mend("soon")).isEmpty();
  }

  @Test
  void durationsAreWrittenInTheirLargestUnits() {
    assertThat(Durations.format(Duration.ofDays(36_500))).isEqualTo("36500d");
    assertThat(Durations.format(Duration.ofMinutes(90))).isEqualTo("1h30m");
    assertThat(Durations.format(Duration.ofMillis(1500))).isEqualTo("1s500ms");
    assertThat(Durations.format(Duration.ZERO)).isEqualTo("0s");
  }

  @Test
  void sizesHaveBinaryAndDecimalUnits() {
    assertThat(Sizes.parse("7B")).contains(7L);
    assertThat(Sizes.parse("1kB")).contains(1000L);
    assertThat(Sizes.parse("1KiB")).contains(1024L);
    assertThat(Sizes.parse("2MB")).contains(2_000_000L);
    assertThat(Sizes.parse("2MiB")).contains(2L << 20);
    assertThat(Sizes.parse("4GB")).contains(4_000_000_000L);
    assertThat(Sizes.parse("4GiB")).contains(4L << 30);
    assertThat(Sizes.parse("1TB")).contains(1_000_000_000_000L);
    assertThat(Sizes.parse("1TiB")).contains(1L << 40);
    assertThat(Sizes.parse("9999999999TiB")).contains(Long.MAX_VALUE);
    assertThat(Sizes.parse("99999999999999999999B")).contains(Long.MAX_VALUE);
    for (String wrong : new String[] {"", "4", "GiB", "4 GiB", "4gib", "4KB", "-4GiB", "4.5GiB"}) {
      assertThat(Sizes.parse(wrong)).as(wrong).isEmpty();
    }
  }

  @Test
  void whatIsAlmostASizeIsMended() {
    assertThat(Sizes.mend("4 gib")).contains("4GiB");
    assertThat(Sizes.mend("4G")).contains("4GiB");
    assertThat(Sizes.mend("4KB")).contains("4kB");
    assertThat(Sizes.mend("4 apples")).isEmpty();
  }

  @Test
  void sizesAreWrittenInTheLargestUnitThatFits() {
    assertThat(Sizes.format(1 << 20)).isEqualTo("1MiB");
    assertThat(Sizes.format(1024L << 40)).isEqualTo("1024TiB");
    assertThat(Sizes.format(1025)).isEqualTo("1025B");
  }
}
