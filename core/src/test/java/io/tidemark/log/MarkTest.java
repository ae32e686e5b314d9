package io.tidemark.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class MarkTest {
  private static final StreamPartition A0 = new StreamPartition("a", 0);
  private static final StreamPartition A10 = new StreamPartition("a", 10);
  private static final StreamPartition A9 = new StreamPartition("a", 9);

  @Test
  void isWrittenInTheOrderOfStreamsAndPartitions() {
    Mark mark = new Mark(Map.of(A10, 3L, A9, 2L, new StreamPartition("_b", 1), 7L));
    assertThat(mark).hasToString("_b/1:7,a/9:2,a/10:3");
    assertThat(Mark.parse(mark.toString())).isEqualTo(mark);
  }

  @Test
  void ofNothingIsEmpty() {
    assertThat(Mark.NONE).hasToString("");
    assertThat(Mark.parse(" ")).isEqualTo(Mark.NONE);
    assertThat(Mark.NONE.next(A0)).isZero();
  }

  @Test
  void ofTwoIsTheGreaterPositionInEachPartition() {
    Mark one = new Mark(Map.of(A0, 5L, A9, 1L));
    Mark other = new Mark(Map.of(A0, 4L, A10, 2L));
    Mark both = new Mark(Map.of(A0, 5L, A9, 1L, A10, 2L));
    assertThat(one.and(other)).isEqualTo(both);
    assertThat(other.and(one)).isEqualTo(both);
    assertThat(one.and(Mark.NONE)).isEqualTo(one);
  }

  @Test
  void toleratesSpacesAndTakesTheGreaterOfARepeatedPosition() {
    assertThat(Mark.parse(" a/0:3 , a/0:5,a/0:4 ")).isEqualTo(Mark.of(A0, 5));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "a",
        "a/0",
        "a:0",
        "/0:1",
        "a/0:",
        "a/:1",
        "a/-1:2",
        "a/0:-1",
        "a/x:1",
        "a/0:1,",
        ",a/0:1",
        "a/0:99999999999999999999",
        "a/99999999999:1",
        "a/0:1;b/0:1"
      })
  void saysWhatIsWrongWithAText(String text) {
    assertThatThrownBy(() -> Mark.parse(text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("a mark looks like");
  }

  @Test
  void doesNotChangeWithTheMapItWasMadeOf() {
    Map<StreamPartition, Long> next = new java.util.HashMap<>(Map.of(A0, 1L));
    Mark mark = new Mark(next);
    next.put(A0, 2L);
    assertThat(mark.next(A0)).isEqualTo(1);
  }
}
