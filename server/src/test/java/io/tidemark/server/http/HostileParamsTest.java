package io.tidemark.server.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemark.event.EventType;
import io.tidemark.event.Field;
import io.tidemark.event.FieldType;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;

/// Parameters that somebody has made up are understood, or refused with a problem document that can
/// be read.
///
/// `-Dparams=` says how many, `-Dseed=` which.
class HostileParamsTest {
  private static final int CASES = Integer.getInteger("params", 200_000);
  private static final ObjectMapper JSON = new ObjectMapper();

  private static final EventType TYPE =
      new EventType(
          "s",
          List.of(
              new Field("at", FieldType.TIMESTAMP, true),
              new Field("info.name", FieldType.STRING, true),
              new Field("n", FieldType.LONG, false),
              new Field("x", FieldType.DOUBLE, false),
              new Field("on", FieldType.BOOLEAN, false),
              new Field("any", FieldType.JSON, false)));

  private static final List<String> PIECES =
      List.of(
          "from",
          "to",
          "limit",
          "q",
          "every",
          "where.",
          "at",
          "info.name",
          "n",
          "x",
          "on",
          "any",
          "=",
          "=",
          "=",
          "&",
          "&",
          "+",
          "%",
          "%2",
          "%00",
          "%ff",
          "%c3%a9",
          "%ed%a0%80",
          "%F0%9F%98%80",
          "%26",
          "%3D",
          ",",
          ";",
          "1",
          "-1",
          "0",
          "99999999999999999999",
          "1e309",
          "NaN",
          "-0.0",
          "0x1p3",
          "1d",
          "1f",
          "true",
          "TRUE",
          "30s",
          "999999999d",
          "1m",
          "2022-03-22",
          "2022-03-22T12:15:00Z",
          "2022-03-22T12:15:00",
          "2022-13-01T00:00:00Z",
          "+292278994-08-17T07:12:55.807Z",
          "-999999999-01-01T00:00:00+18:00",
          "999999999999999",
          "-999999999999999",
          "٣",
          "é",
          "😀",
          " ",
          "\u0000");

  private final long seed = Long.getLong("seed", 1);
  private final Random random = new Random(seed);

  @Test
  void parametersAreUnderstoodOrRefusedWithAProblem() {
    int understood = 0;
    for (int i = 0; i < CASES; i++) {
      StringBuilder query = new StringBuilder();
      for (int pieces = random.nextInt(8); pieces > 0; pieces--) {
        query.append(PIECES.get(random.nextInt(PIECES.size())));
      }
      try {
        understand(query.toString());
        understood++;
      } catch (Problem e) {
        assertThat(e.status()).isEqualTo(400);
        JsonNode document = JSON.readTree(e.document());
        assertThat(document.get("detail").asString()).isNotBlank();
      } catch (RuntimeException | AssertionError e) {
        throw new AssertionError("-Dseed=%d, case %d: %s".formatted(seed, i, query), e);
      }
    }
    System.out.printf(
        "HostileParamsTest -Dseed=%d: %d of %d understood%n", seed, understood, CASES);
    assertThat(understood).isBetween(CASES / 50, CASES * 9 / 10);
  }

  private static void understand(String query) {
    Params params =
        Params.parse(query).allow(Set.of("from", "to", "limit", "q", "every"), EventFilters.PREFIX);
    long from = QueryRoutes.from(params);
    QueryRoutes.to(params);
    params.integer("limit", 100, 1, 10_000);
    params.one("every").ifPresent(text -> Instants.duration("every", text));
    assertThat(EventFilters.of(params, TYPE)).hasSizeLessThan(20);
    if (from != Long.MIN_VALUE) {
      String text = Instants.format(from);
      // What is written as a year of five digits has a sign, which is a space in a query.
      assertThat(Instants.parse("from", text)).isEqualTo(from);
    }
  }

  @Test
  void whatIsEncodedIsDecoded() {
    for (int i = 0; i < CASES / 10; i++) {
      StringBuilder text = new StringBuilder();
      for (int length = random.nextInt(20); length > 0; length--) {
        int c = random.nextInt(random.nextBoolean() ? 0x80 : 0x11_0000);
        text.appendCodePoint(c >= 0xd800 && c < 0xe000 ? 'x' : c);
      }
      String value = text.toString();
      String encoded = URLEncoder.encode(value, StandardCharsets.UTF_8);
      assertThat(Params.parse("v=" + encoded).one("v")).as(encoded).contains(value);
      assertThat(Params.decode("v", encoded.replace("+", "%20"), false)).isEqualTo(value);
    }
  }

  @Test
  void aListHasTwoHundredItemsAtMost() {
    String items = IntStream.range(0, 200).mapToObj(i -> "" + i).collect(Collectors.joining(","));
    assertThat(Params.parse("by=" + items + ",0,1").list("by")).hasSize(200);
    assertThatThrownBy(() -> Params.parse("by=" + items + "&by=more").list("by"))
        .isInstanceOf(Problem.class);
  }

  @Test
  void aNameThatIsVeryLongIsNotComparedWithEveryOther() {
    List<String> names = IntStream.range(0, 1_000).mapToObj(i -> "some_name_" + i).toList();
    // Comparing would take minutes.
    for (int i = 0; i < 2_000; i++) {
      assertThat(Near.hint("n".repeat(60_000), names)).startsWith("there are");
    }
    assertThat(Near.hint("some_nam_7", names)).isEqualTo("did you mean some_name_7?");
  }
}
