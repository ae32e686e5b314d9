package io.tidemark.server.json;

import static org.assertj.core.api.Assertions.assertThat;

import com.networknt.schema.format.DateTimeFormat;
import com.networknt.schema.regex.JDKRegularExpressionFactory;
import com.networknt.schema.regex.RegularExpression;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/// What is checked on bytes here must agree with what the reference validator checks on strings.
class StringRulesTest {
  private final long seed = Long.getLong("seed", 1);
  private final Random random = new Random(seed);

  @Test
  void dateTimesAreThoseOfTheReferenceExceptLeapSeconds() {
    System.out.println("StringRulesTest -Dseed=" + seed);
    DateTimeFormat format = new DateTimeFormat();
    int valid = 0;
    for (int i = 0; i < 200_000; i++) {
      String text = mutated(dateTime(), "0123456789-:.TtZz+ ");
      if (text.contains(":60")) {
        continue; // deliberate: there are no leap seconds here
      }
      byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
      boolean ours = DateTimes.parse(bytes, 0, bytes.length) != DateTimes.INVALID;
      assertThat(ours).as("seed %s %s", seed, text).isEqualTo(format.matches(null, text));
      valid += ours ? 1 : 0;
    }
    assertThat(valid).isGreaterThan(50_000);
  }

  @Test
  void patternsOfFixedLengthMatchWhatTheRegularExpressionMatches() {
    System.out.println("StringRulesTest -Dseed=" + seed);
    int fixedOnes = 0;
    for (int i = 0; i < 20_000; i++) {
      String regex = regex();
      FixedPattern fixed = FixedPattern.compile(regex);
      if (fixed == null) {
        continue;
      }
      fixedOnes++;
      RegularExpression general =
          JDKRegularExpressionFactory.getInstance().getRegularExpression(regex);
      for (int j = 0; j < 10; j++) {
        String text =
            mutated(pick(List.of("", "a1", "ab", "a-1", "Zz9", "aaa", "a.b", "1")), "aZ19-.é\n");
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        assertThat(fixed.matches(bytes, 0, bytes.length))
            .as("seed %s %s on %s", seed, regex, text)
            .isEqualTo(general.matches(text));
      }
    }
    assertThat(fixedOnes).isGreaterThan(5_000);
  }

  private String regex() {
    StringBuilder regex = new StringBuilder(random.nextInt(3) > 0 ? "^" : "");
    for (int i = random.nextInt(4); i > 0; i--) {
      regex.append(
          pick(
              List.of(
                  "a",
                  "1",
                  "-",
                  "\\d",
                  "\\w",
                  "\\.",
                  "[a-z]",
                  "[A-Z0-9]",
                  "[ab]",
                  ".",
                  "b*",
                  "\\D",
                  "[^a]",
                  "(a)",
                  "\\-")));
      regex.append(random.nextInt(4) == 0 ? "{" + random.nextInt(3) + "}" : "");
    }
    return regex.append(random.nextInt(3) > 0 ? "$" : "").toString();
  }

  private String dateTime() {
    int digits = random.nextInt(10);
    return "%04d-%02d-%02dT%02d:%02d:%02d"
            .formatted(
                random.nextInt(10_000),
                1 + random.nextInt(12),
                1 + random.nextInt(31),
                random.nextInt(25),
                random.nextInt(60),
                random.nextInt(60))
        + (digits == 0 ? "" : "." + "123456789".substring(0, digits))
        + pick(List.of("Z", "Z", "z", "+01:00", "-23:59", "+00:00", "-00:00", "+18:30", ""));
  }

  /// The text, sometimes with a character changed, added or taken away.
  private String mutated(String text, String alphabet) {
    StringBuilder out = new StringBuilder(text);
    while (random.nextInt(3) == 0) {
      char c = alphabet.charAt(random.nextInt(alphabet.length()));
      int at = random.nextInt(out.length() + 1);
      switch (random.nextInt(3)) {
        case 0 -> out.insert(at, c);
        case 1 -> out.replace(at, Math.min(at + 1, out.length()), "" + c);
        default -> out.replace(at, Math.min(at + 1, out.length()), "");
      }
    }
    return out.toString();
  }

  private <T> T pick(List<T> values) {
    return values.get(random.nextInt(values.size()));
  }
}
