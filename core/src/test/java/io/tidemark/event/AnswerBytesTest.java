package io.tidemark.event;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

final class AnswerBytesTest {
  private static final StoredEvent MEGABYTE = new StoredEvent(0, 0, 0, new byte[1 << 20]);

  @Test
  void moreThanFourMegabytesAndTwoKilobytesARowAreTooLarge() {
    AnswerBytes few = new AnswerBytes(1);
    add(few, 4);
    assertThatThrownBy(() -> few.add(MEGABYTE)).isInstanceOf(AnswerBytes.TooLarge.class);
    AnswerBytes many = new AnswerBytes(10_000);
    add(many, 23);
    assertThatThrownBy(() -> many.add(MEGABYTE))
        .isInstanceOf(AnswerBytes.TooLarge.class)
        .hasMessageContaining("ask for fewer");
  }

  @Test
  void whatMakesRoomForAnotherDoesNotCount() {
    AnswerBytes bytes = new AnswerBytes(1);
    for (int i = 0; i < 100; i++) {
      add(bytes, 1);
      bytes.remove(MEGABYTE);
    }
  }

  private static void add(AnswerBytes bytes, int times) {
    for (int i = 0; i < times; i++) {
      bytes.add(MEGABYTE);
    }
  }
}
