package io.tidemark.table;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

final class DictionaryTest {
  @Test
  void codesAreGivenInTheOrderOfFirstAppearance() {
    Dictionary dictionary = new Dictionary();
    Map<String, Integer> codes = new HashMap<>();
    SplittableRandom random = new SplittableRandom(1);
    for (int i = 0; i < 50_000; i++) {
      String text = "v" + random.nextInt(1 + i / 4);
      int expected = codes.computeIfAbsent(text, _ -> codes.size());
      byte[] padded = bytes("<" + text + ">");
      assertThat(dictionary.add(padded, 1, padded.length - 2)).isEqualTo(expected);
    }
    assertThat(dictionary.size()).isEqualTo(codes.size());
    codes.forEach(
        (text, code) -> {
          assertThat(dictionary.find(bytes(text))).isEqualTo(code);
          assertThat(dictionary.value(code)).isEqualTo(bytes(text));
        });
    assertThat(dictionary.find(bytes("never"))).isEqualTo(Dictionary.NONE);
  }

  @Test
  void theEmptyValueIsAValue() {
    Dictionary dictionary = new Dictionary();
    assertThat(dictionary.find(new byte[0])).isEqualTo(Dictionary.NONE);
    assertThat(dictionary.add(new byte[0], 0, 0)).isZero();
    assertThat(dictionary.find(new byte[0])).isZero();
  }

  @Test
  void valuesOfAllLengthsComeBack() {
    Dictionary dictionary = new Dictionary();
    List<byte[]> values = new ArrayList<>();
    SplittableRandom random = new SplittableRandom(3);
    for (int i = 0; i < 400; i++) {
      byte[] value = new byte[random.nextInt(1 << random.nextInt(1, 20))];
      random.nextBytes(value);
      if (dictionary.find(value) == Dictionary.NONE) {
        assertThat(dictionary.add(value, 0, value.length)).isEqualTo(values.size());
        values.add(value);
      }
    }
    for (int code = 0; code < values.size(); code++) {
      assertThat(dictionary.value(code)).isEqualTo(values.get(code));
      assertThat(dictionary.find(values.get(code))).isEqualTo(code);
    }
    byte[] tooLong = new byte[1 << 24];
    assertThatThrownBy(() -> dictionary.add(tooLong, 0, tooLong.length))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void readersFindWhatWasPublishedWhileTheWriterAdds() throws InterruptedException {
    Dictionary dictionary = new Dictionary();
    AtomicInteger published = new AtomicInteger();
    AtomicBoolean done = new AtomicBoolean();
    AtomicInteger wrong = new AtomicInteger(Dictionary.NONE);
    Thread reader =
        Thread.ofPlatform()
            .start(
                () -> {
                  SplittableRandom random = new SplittableRandom(2);
                  while (!done.get() && wrong.get() == Dictionary.NONE) {
                    int below = published.get();
                    int code = below == 0 ? 0 : random.nextInt(below);
                    if (below > 0 && dictionary.find(bytes("v" + code)) != code) {
                      wrong.set(code);
                    }
                  }
                });
    for (int i = 0; i < 300_000; i++) {
      byte[] value = bytes("v" + i);
      dictionary.add(value, 0, value.length);
      published.set(i + 1);
    }
    done.set(true);
    reader.join();
    assertThat(wrong).hasValue(Dictionary.NONE);
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
