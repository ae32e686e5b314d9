package io.tidemark.rollup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemark.app.Measure;
import io.tidemark.event.EventType;
import io.tidemark.event.Field;
import io.tidemark.event.FieldType;
import java.util.List;
import org.junit.jupiter.api.Test;

/// Groups are limited by their number, and their texts by their bytes: each may have a megabyte.
final class GroupsMemoryTest {
  private static final EventType TYPE =
      new EventType("s", List.of(new Field("name", FieldType.STRING, true)));

  @Test
  void longTextsAreTooManyBeforeTheirNumberIs() {
    Groups groups = groups(100_000);
    assertThatThrownBy(() -> fill(groups, 1_000, 1 << 20))
        .isInstanceOf(Groups.TooMany.class)
        .hasMessageContaining("MB");
    assertThat(groups.count()).isLessThan(200);
  }

  @Test
  void shortTextsAreNot() {
    Groups groups = groups(100_000);
    fill(groups, 100_000, 20);
    assertThat(groups.count()).isEqualTo(100_000);
  }

  /// What a tail is sealed into must be written, whatever it takes.
  @Test
  void withoutALimitTheBytesDoNotMatter() {
    Groups groups = groups(Integer.MAX_VALUE);
    fill(groups, 150, 1 << 20);
    assertThat(groups.count()).isEqualTo(150);
  }

  private static Groups groups(int limit) {
    Measure count = new Measure("n", Measure.Kind.COUNT, Measure.ALL, 0);
    return new Groups(TYPE, List.of(0), List.of(count), limit);
  }

  private static void fill(Groups groups, int count, int bytes) {
    long[] key = new long[groups.stride()];
    for (int i = 0; i < count; i++) {
      byte[] text = new byte[bytes];
      for (int digit = 0, rest = i; digit < 6; digit++, rest /= 10) {
        text[digit] = (byte) ('0' + rest % 10);
      }
      groups.put(key, 0, text);
      groups.group(key);
    }
  }
}
