package io.tidemark.server.json;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.event.EventRow;
import io.tidemark.event.EventType;
import io.tidemark.event.Field;
import io.tidemark.event.FieldType;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class EventJsonTest {
  private final EventType type =
      new EventType(
          "things",
          List.of(
              new Field("at", FieldType.TIMESTAMP, false),
              new Field("info.size.w", FieldType.LONG, false),
              new Field("info.size.h", FieldType.DOUBLE, false),
              new Field("info.name", FieldType.STRING, false),
              new Field("on", FieldType.BOOLEAN, false),
              new Field("any", FieldType.JSON, false)));
  private final EventRow row = new EventRow(type);

  @Test
  void leavesAreNestedInTheOrderOfTheSchema() {
    row.setWord(0, 1_647_951_300_001_000L);
    row.setWord(1, Long.MIN_VALUE);
    row.setDouble(2, 2.5);
    row.setText(3, "é");
    row.setWord(4, 1);
    row.setText(5, "[1,2]");
    assertThat(json())
        .isEqualTo(
            "{\"at\":\"2022-03-22T12:15:00.001Z\","
                + "\"info\":{\"size\":{\"w\":-9223372036854775808,\"h\":2.5},\"name\":\"é\"},"
                + "\"on\":true,\"any\":[1,2]}");
  }

  @Test
  void absentLeavesAndGroupsAreLeftOut() {
    assertThat(json()).isEqualTo("{}");
    row.setText(3, "x");
    assertThat(json()).isEqualTo("{\"info\":{\"name\":\"x\"}}");
    row.setWord(4, 0);
    row.setNull(3);
    assertThat(json()).isEqualTo("{\"on\":false}");
  }

  @Test
  void extraOverridesAndCompletesAtEveryLevel() {
    row.setWord(1, 10);
    row.setText(3, "x");
    extra(
        "{\"at\":null,\"info\":{\"size\":{\"w\":10.0,\"d\":{\"}\":\"\\\"}\"}},\"z\":[]},\"more\":{\"a\":1}}");
    assertThat(json())
        .isEqualTo(
            "{\"at\":null,\"info\":{\"size\":{\"w\":10.0,\"d\":{\"}\":\"\\\"}\"}},"
                + "\"name\":\"x\",\"z\":[]},\"more\":{\"a\":1}}");
  }

  @Test
  void extraAloneMakesGroups() {
    extra("{\"info\":{\"size\":{}}}");
    assertThat(json()).isEqualTo("{\"info\":{\"size\":{}}}");
    row.clear();
    extra("{\"info\":null,\"x\":-1e5}");
    assertThat(json()).isEqualTo("{\"info\":null,\"x\":-1e5}");
  }

  @Test
  void stringsAreEscapedOnlyWhereTheyMustBe() {
    row.setText(3, "\"\\/\u0000\u001f\b\n\u007f\u2028😀");
    assertThat(json())
        .isEqualTo("{\"info\":{\"name\":\"\\\"\\\\/\\u0000\\u001f\\b\\n\u007f\u2028😀\"}}");
  }

  @Test
  void instantsHaveThreeDigitsOrSix() {
    assertThat(instant(0)).isEqualTo("1970-01-01T00:00:00.000Z");
    assertThat(instant(-1)).isEqualTo("1969-12-31T23:59:59.999999Z");
    assertThat(instant(253_402_300_799_999_000L)).isEqualTo("9999-12-31T23:59:59.999Z");
    assertThat(instant(253_402_300_800_000_000L)).isEqualTo("+10000-01-01T00:00:00.000Z");
    assertThat(instant(-62_167_219_200_001_000L)).isEqualTo("-0001-12-31T23:59:59.999Z");
  }

  @Test
  void instantsAgreeWithTheJdk() {
    long seed = Long.getLong("seed", 1);
    System.out.println("EventJsonTest -Dseed=" + seed);
    Random random = new Random(seed);
    for (int i = 0; i < 100_000; i++) {
      long micros = random.nextLong() >> random.nextInt(30);
      Instant instant =
          Instant.ofEpochSecond(
              Math.floorDiv(micros, 1_000_000L), Math.floorMod(micros, 1_000_000L) * 1_000);
      String text = instant(micros);
      assertThat(Instant.parse(text)).as("seed %s micros %s", seed, micros).isEqualTo(instant);
      byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
      if (text.charAt(0) != '+' && text.charAt(0) != '-') {
        assertThat(DateTimes.parse(bytes, 0, bytes.length)).as("seed %s", seed).isEqualTo(micros);
      }
    }
  }

  @Test
  void doublesAreAsShortAsTheyCanBe() {
    assertThat(decimal(10)).isEqualTo("10");
    assertThat(decimal(-0.0)).isEqualTo("-0");
    assertThat(decimal(0.1)).isEqualTo("0.1");
    assertThat(decimal(-12345678.9)).isEqualTo("-12345678.9");
    assertThat(decimal(1e20)).isEqualTo("100000000000000000000");
    assertThat(decimal(1e21)).isEqualTo("1e21");
    assertThat(decimal(1.5e-7)).isEqualTo("1.5e-7");
    assertThat(decimal(1.5e-6)).isEqualTo("0.0000015");
    assertThat(decimal(Double.MIN_VALUE)).isEqualTo("4.9e-324");
    assertThat(decimal(9007199254740994.0)).isEqualTo("9007199254740994");
  }

  @Test
  void doublesGiveThemselvesBack() {
    long seed = Long.getLong("seed", 1);
    System.out.println("EventJsonTest -Dseed=" + seed);
    Random random = new Random(seed);
    for (int i = 0; i < 100_000; i++) {
      double value =
          i % 2 == 0 ? Double.longBitsToDouble(random.nextLong()) : random.nextLong() / 1e4;
      if (Double.isFinite(value)) {
        String text = decimal(value);
        assertThat(Double.parseDouble(text)).as("seed %s %s", seed, text).isEqualTo(value);
        assertThat(new BigDecimal(text))
            .as("seed %s", seed)
            .isEqualByComparingTo(new BigDecimal(Double.toString(value)));
      }
    }
  }

  private String instant(long micros) {
    JsonBytes out = new JsonBytes();
    DateTimes.write(micros, out);
    return out.toString();
  }

  private String decimal(double value) {
    JsonBytes out = new JsonBytes();
    Decimals.write(value, out);
    return out.toString();
  }

  private void extra(String json) {
    byte[] bytes = json.getBytes(StandardCharsets.UTF_8);
    row.setExtra(bytes, 0, bytes.length);
  }

  private String json() {
    JsonBytes out = new JsonBytes(1);
    new EventJson(type).write(row, out);
    return out.toString();
  }
}
