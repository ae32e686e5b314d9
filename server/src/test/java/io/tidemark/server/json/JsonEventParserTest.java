package io.tidemark.server.json;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.app.SchemaReader;
import io.tidemark.event.EventRow;
import io.tidemark.event.EventType;
import io.tidemark.ingest.EventParser;
import io.tidemark.ingest.EventParser.Shape;
import io.tidemark.ingest.EventParser.Step;
import io.tidemark.ingest.Refusal;
import io.tidemark.ingest.Refusal.Reason;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class JsonEventParserTest {
  private static final String SCHEMA =
      """
      {"type": "object", "required": ["id"], "properties": {
        "id": {"type": "integer", "minimum": 0},
        "at": {"type": ["string", "null"], "format": "date-time"},
        "name": {"type": "string", "minLength": 1, "maxLength": 3, "pattern": "^[a-zé😀]"},
        "kind": {"enum": ["VIEW", "BUY"]},
        "score": {"type": "number", "maximum": 1e300},
        "on": {"type": "boolean"},
        "ref": {"type": ["string", "integer", "null"]},
        "a/b~c": {"type": "string"},
        "info": {"type": ["object", "null"], "additionalProperties": {"type": ["object", "string"]},
          "properties": {
            "price": {"type": ["integer", "null"], "minimum": -100},
            "sizes": {"type": "array", "items": {"type": "integer"}, "maxItems": 3}}},
        "strict": {"type": "object", "additionalProperties": false,
          "properties": {"x": {"type": "string"}}},
        "either": {"anyOf": [{"type": "string", "minLength": 2}, {"type": "integer"}]}}}
      """;

  private final SchemaReader.Result schema =
      new JsonSchemaReader().readText("things", SCHEMA, "things.json");
  private final EventType type = schema.type();
  private final EventParser parser = CompiledSchema.compile(type, SCHEMA).newParser();
  private final EventRow row = new EventRow(type);

  @Test
  void leavesAreReadIntoTheRow() {
    valid(
        """
        {"id": 7, "at": "2022-03-22T12:15:00.001Z", "name": "été", "kind": "BUY", "score": -0.5,
         "on": true, "ref": 12, "info": {"price": -3, "sizes": [1, 2]}, "either": "xx"}
        """);
    assertThat(row.word(index("id"))).isEqualTo(7);
    assertThat(row.word(index("at")))
        .isEqualTo(Instant.parse("2022-03-22T12:15:00.001Z").toEpochMilli() * 1_000);
    assertThat(text("name")).isEqualTo("été");
    assertThat(text("kind")).isEqualTo("BUY");
    assertThat(row.doubleValue(index("score"))).isEqualTo(-0.5);
    assertThat(row.word(index("on"))).isEqualTo(1);
    assertThat(text("ref")).isEqualTo("12");
    assertThat(row.word(index("info.price"))).isEqualTo(-3);
    assertThat(text("info.sizes")).isEqualTo("[1,2]");
    assertThat(text("either")).isEqualTo("\"xx\"");
    assertThat(row.isNull(index("strict.x"))).isTrue();
    assertThat(row.hasExtra()).isFalse();
  }

  @Test
  void escapesAreDecodedAlsoInNamesAndInJsonLeaves() {
    valid("{\"\\u0069d\":1,\"name\":\"\\ud83d\\ude00\\n\",\"ref\":\"\\u0041\\u0022\\/\"}");
    assertThat(text("name")).isEqualTo("😀\n");
    assertThat(text("ref")).isEqualTo("\"A\\\"/\"");
  }

  @Test
  void integersBeyond64BitsAreOutOfRange() {
    refused("{\"id\": 9223372036854775808}", Reason.OUT_OF_RANGE, "/id");
    refused("{\"id\": 1e19}", Reason.OUT_OF_RANGE, "/id");
    valid("{\"id\": 9223372036854775807}");
    assertThat(row.word(index("id"))).isEqualTo(Long.MAX_VALUE);
  }

  @Test
  void integersWithAFractionOfZeroKeepTheirLiteral() {
    valid("{\"id\": 10.0, \"info\": {\"price\": 1e1}}");
    assertThat(row.word(index("id"))).isEqualTo(10);
    assertThat(row.word(index("info.price"))).isEqualTo(10);
    assertThat(extra()).isEqualTo("{\"id\":10.0,\"info\":{\"price\":1e1}}");
    assertThat(refused("{\"id\": 10.5}", Reason.WRONG_TYPE, "/id").detail())
        .isEqualTo("expected an integer, found 10.5");
  }

  @Test
  void numbersThatADoubleCannotGiveBackKeepTheirLiteral() {
    valid("{\"id\": 1, \"score\": 0.12345678901234567890}");
    assertThat(row.doubleValue(index("score")))
        .isEqualTo(Double.parseDouble("0.12345678901234567890"));
    assertThat(extra()).isEqualTo("{\"score\":0.12345678901234567890}");
    valid("{\"id\": 1, \"score\": 9007199254740993}");
    assertThat(extra()).isEqualTo("{\"score\":9007199254740993}");
    for (String exact :
        List.of("2.50", "0.1", "1E2", "123456789012345678e-1", "0.30000000000000004")) {
      valid("{\"id\": 1, \"score\": " + exact + "}");
      assertThat(row.hasExtra()).as(exact).isEqualTo(exact.startsWith("123"));
    }
  }

  @Test
  void numbersBeyondADoubleAreOutOfRange() {
    refused("{\"id\": 1, \"score\": 1e400}", Reason.OUT_OF_RANGE, "/score");
    refused("{\"id\": 1, \"score\": -1e400}", Reason.OUT_OF_RANGE, "/score");
    refused("{\"id\": 1, \"x\": 1e10000}", Reason.OUT_OF_RANGE, "/x");
    refused("{\"id\": 1, \"x\": " + "1".repeat(1_001) + "}", Reason.TOO_LARGE, "/x");
  }

  @Test
  void dateTimesWrittenInAnotherWayKeepTheirText() {
    valid("{\"id\": 1, \"at\": \"2022-03-22t14:15:00+02:00\"}");
    assertThat(row.word(index("at")))
        .isEqualTo(Instant.parse("2022-03-22T12:15:00Z").toEpochMilli() * 1_000);
    assertThat(extra()).isEqualTo("{\"at\":\"2022-03-22t14:15:00+02:00\"}");
    valid("{\"id\": 1, \"at\": \"2022-03-22T12:15:00.000001Z\"}");
    assertThat(row.hasExtra()).as("six digits are canonical where they are needed").isFalse();
    valid("{\"id\": 1, \"at\": \"2022-03-22T12:15:00.000000Z\"}");
    assertThat(row.hasExtra()).isTrue();
  }

  @Test
  void datesThatDoNotExistAndLeapSecondsAreRefused() {
    for (String at :
        List.of(
            "2023-02-29T00:00:00Z",
            "2022-03-22T24:00:00Z",
            "2016-12-31T23:59:60Z",
            "2022-03-22T12:15:00",
            "2022-03-22",
            "2022-3-22T12:15:00.000Z",
            "")) {
      refused("{\"id\": 1, \"at\": \"" + at + "\"}", Reason.FORMAT, "/at");
    }
  }

  @Test
  void nullsLiveInExtraWhereTheSchemaTakesThem() {
    valid("{\"id\": 1, \"at\": null, \"ref\": null, \"info\": {\"price\": null}}");
    assertThat(row.isNull(index("at"))).isTrue();
    assertThat(row.isNull(index("ref"))).isTrue();
    assertThat(extra()).isEqualTo("{\"at\":null,\"ref\":null,\"info\":{\"price\":null}}");
    valid("{\"id\": 1, \"info\": null}");
    assertThat(extra()).isEqualTo("{\"info\":null}");
    refused("{\"id\": null}", Reason.WRONG_TYPE, "/id");
    refused("{\"id\": 1, \"strict\": null}", Reason.WRONG_TYPE, "/strict");
  }

  @Test
  void objectsWithNothingInThemAreKept() {
    valid("{\"id\": 1, \"info\": {}, \"strict\": { } }");
    assertThat(extra()).isEqualTo("{\"info\":{},\"strict\":{}}");
  }

  @Test
  void unknownPropertiesAreKeptAtTheirPlace() {
    valid(
        "{\"q\\u0022\": [1, {\"b\" : 2.50}], \"id\": 1, \"info\": {\"colour\": \"re d\", \"price\":"
            + " 1}}");
    assertThat(extra()).isEqualTo("{\"q\\\"\":[1,{\"b\":2.50}],\"info\":{\"colour\":\"re d\"}}");
  }

  @Test
  void unknownPropertiesAreRefusedWhereTheSchemaForbidsThem() {
    refused("{\"id\": 1, \"strict\": {\"y\": 1}}", Reason.UNKNOWN_PROPERTY, "/strict/y");
    refused("{\"id\": 1, \"info\": {\"y\": 1}}", Reason.WRONG_TYPE, "/info/y");
  }

  @Test
  void namesThatOccurTwiceAreRefusedWhereverTheyAre() {
    refused("{\"id\": 1, \"id\": 1}", Reason.DUPLICATE_KEY, "/id");
    refused("{\"id\": 1, \"i\\u0064\": 1}", Reason.DUPLICATE_KEY, "/id");
    refused("{\"id\": 1, \"x\": 1, \"x\": 1}", Reason.DUPLICATE_KEY, "/x");
    refused("{\"id\": 1, \"x\": [{\"y\": 1, \"y\": 2}]}", Reason.DUPLICATE_KEY, "/x/0/y");
    refused(
        "{\"id\": 1, \"info\": {\"price\": 1, \"price\": 1}}", Reason.DUPLICATE_KEY, "/info/price");
    valid("{\"id\": 1, \"x\": {\"y\": 1}, \"z\": {\"y\": 1, \"x\": 2}}");
  }

  @Test
  void depthIsBounded() {
    valid("{\"id\": 1, \"x\": " + "[".repeat(63) + "]".repeat(63) + "}");
    String pointer = "/x" + "/0".repeat(63);
    Refusal refusal =
        refused(
            "{\"id\": 1, \"x\": " + "[".repeat(64) + "]".repeat(64) + "}", Reason.TOO_DEEP, null);
    assertThat(refusal.pointer()).startsWith("/x/0").hasSizeBetween(100, pointer.length());
  }

  @Test
  void sizeIsBounded() {
    String large = "x".repeat(1 << 20);
    refused("{\"id\": 1, \"x\": \"" + large + "\"}", Reason.TOO_LARGE, "");
    List<Step> steps = steps("[{\"id\":1,\"x\":\"" + large + "\"},{\"id\":2}]", Shape.JSON);
    assertThat(((Step.Refused) steps.get(0)).refusal().reason()).isEqualTo(Reason.TOO_LARGE);
    assertThat(steps.get(1)).isInstanceOf(Step.Valid.class);
  }

  @Test
  void whatIsNotJsonIsMalformed() {
    for (String text :
        List.of(
            "{\"id\": NaN}",
            "{\"id\": 01}",
            "{\"id\": 1,}",
            "{\"id\": +1}",
            "{\"id\" 1}",
            "{'id': 1}",
            "{\"id\": 1",
            "{\"name\": \"a\tb\"}",
            "{\"x\": \"\\x\"}",
            "nul",
            "{id: 1}",
            "{\"id\": 1} /* */",
            "{\"id\":1}}",
            "{\"id\":1}{\"id\":2}",
            "{\"name\": \"ab")) {
      refused(text, Reason.MALFORMED, null);
    }
  }

  @Test
  void halvesOfSurrogatePairsAreMalformed() {
    refused("{\"id\": 1, \"name\": \"\\ud800\"}", Reason.MALFORMED, "/name");
    refused("{\"id\": 1, \"ref\": \"\\udc00\\ud800\"}", Reason.MALFORMED, "/ref");
    refused("{\"id\": 1, \"x\": [\"\\ud800x\"]}", Reason.MALFORMED, null);
    refused("{\"id\": 1, \"x\\ud800\": 1}", Reason.MALFORMED, null);
    refused("{\"id\": 1, \"x\": {\"y\\ud800\": 1}}", Reason.MALFORMED, null);
  }

  @Test
  void brokenUtf8IsMalformed() {
    for (int[] bad :
        new int[][] {
          {0xff}, {0xc0, 0x80}, {0xed, 0xa0, 0x80}, {0xf4, 0x90, 0x80, 0x80}, {0xe2, 0x82}
        }) {
      JsonBytes body = new JsonBytes().append("{\"id\": 1, \"x\": \"");
      for (int b : bad) {
        body.append(b);
      }
      byte[] bytes = body.append("\"}\n{\"id\": 2}").toByteArray();
      List<Step> lines = steps(bytes, Shape.NDJSON);
      assertThat(((Step.Refused) lines.get(0)).refusal().reason()).isEqualTo(Reason.MALFORMED);
      assertThat(lines.get(1)).isInstanceOf(Step.Valid.class);
      Step.End end = (Step.End) steps(bytes, Shape.JSON).getLast();
      assertThat(end.broken()).isNotNull();
    }
  }

  @Test
  void aByteOrderMarkIsSkippedAtTheStartOfABodyOnly() {
    assertThat(steps("\ufeff{\"id\": 1}", Shape.JSON).getFirst()).isInstanceOf(Step.Valid.class);
    List<Step> lines = steps("\ufeff{\"id\": 1}\n\ufeff{\"id\": 1}", Shape.NDJSON);
    assertThat(lines.get(0)).isInstanceOf(Step.Valid.class);
    assertThat(lines.get(1)).isInstanceOf(Step.Refused.class);
  }

  @Test
  void utf16IsMalformed() {
    byte[] body = "{\"id\": 1}".getBytes(StandardCharsets.UTF_16LE);
    assertThat(((Step.End) steps(body, Shape.JSON).getFirst()).broken()).isNotNull();
  }

  @Test
  void refusalsPointToTheCulpritAndSayWhatWasExpected() {
    assertThat(refused("{\"id\": \"x\"}", Reason.WRONG_TYPE, "/id").detail())
        .isEqualTo("expected an integer, found a string");
    refused("{}", Reason.MISSING, "/id");
    refused("{\"id\": -1}", Reason.OUT_OF_RANGE, "/id");
    refused("{\"id\": 1, \"name\": \"\"}", Reason.OUT_OF_RANGE, "/name");
    refused("{\"id\": 1, \"name\": \"😀bcd\"}", Reason.OUT_OF_RANGE, "/name");
    valid("{\"id\": 1, \"name\": \"😀bc\"}");
    refused("{\"id\": 1, \"name\": \"A\"}", Reason.PATTERN, "/name");
    refused("{\"id\": 1, \"kind\": \"view\"}", Reason.NOT_ALLOWED, "/kind");
    refused("{\"id\": 1, \"kind\": 3}", Reason.WRONG_TYPE, "/kind");
    refused("{\"id\": 1, \"a/b~c\": 3}", Reason.WRONG_TYPE, "/a~1b~0c");
    refused("{\"id\": 1, \"info\": {\"sizes\": [1, \"2\"]}}", Reason.WRONG_TYPE, "/info/sizes/1");
    refused("{\"id\": 1, \"info\": {\"sizes\": [1, 2, 3, 4]}}", Reason.OUT_OF_RANGE, "/info/sizes");
    refused("{\"id\": 1, \"info\": {\"price\": -101}}", Reason.OUT_OF_RANGE, "/info/price");
    refused("{\"id\": 1, \"either\": \"x\"}", Reason.OUT_OF_RANGE, "/either");
  }

  @Test
  void inAnArrayEachEventStandsForItself() {
    List<Step> steps =
        steps(" [{\"id\":1},{\"id\":{\"x\":[1]},\"y\":2}, 5, [[]], {\"id\":3}] ", Shape.JSON);
    assertThat(steps).hasSize(6);
    assertThat(steps.get(0)).isInstanceOf(Step.Valid.class);
    assertThat(((Step.Refused) steps.get(1)).refusal().pointer()).isEqualTo("/id");
    assertThat(((Step.Refused) steps.get(2)).refusal())
        .isEqualTo(new Refusal(Reason.WRONG_TYPE, "", "expected an object, found an integer"));
    assertThat(steps.get(3)).isInstanceOf(Step.Refused.class);
    assertThat(steps.get(4)).isInstanceOf(Step.Valid.class);
    assertThat(row.word(index("id"))).isEqualTo(3);
    assertThat(steps.get(5)).isEqualTo(new Step.End(true, null));
  }

  @Test
  void aSyntaxErrorInAnArrayIsTheEnd() {
    List<Step> steps = steps("[{\"id\":1},{\"id\":},{\"id\":3}]", Shape.JSON);
    assertThat(steps).hasSize(2);
    Step.End end = (Step.End) steps.get(1);
    assertThat(end.wasArray()).isTrue();
    Refusal broken = Objects.requireNonNull(end.broken());
    assertThat(broken.reason()).isEqualTo(Reason.MALFORMED);
    for (String body : List.of("[{\"id\":1}", "[{\"id\":1}]]", "[{\"id\":1}] x", "[{\"id\":1},]")) {
      assertThat(((Step.End) steps(body, Shape.JSON).getLast()).broken()).as(body).isNotNull();
    }
  }

  @Test
  void aSingleEventIsNoArray() {
    assertThat(steps("{\"id\":1}", Shape.JSON).getLast()).isEqualTo(new Step.End(false, null));
    assertThat(steps("[]", Shape.JSON)).containsExactly(new Step.End(true, null));
    List<Step> scalar = steps("\"x\"", Shape.JSON);
    assertThat(((Step.Refused) scalar.get(0)).refusal().reason()).isEqualTo(Reason.WRONG_TYPE);
    assertThat(scalar.get(1)).isEqualTo(new Step.End(false, null));
    for (String body : List.of("", "  ", "{\"id\":1} {\"id\":2}", "{\"id\":1}x", "{\"id\":")) {
      assertThat(((Step.End) steps(body, Shape.JSON).getLast()).broken()).as(body).isNotNull();
    }
  }

  @Test
  void linesStandForThemselves() {
    List<Step> steps =
        steps(
            "\n{\"id\":1}\r\n  \n{\"id\":\n1}\n{\"id\":2} x\n{\"id\":\"x\"}\n{\"id\":3}",
            Shape.NDJSON);
    assertThat(steps.stream().map(step -> step.getClass().getSimpleName()))
        .containsExactly("Valid", "Refused", "Refused", "Refused", "Refused", "Valid", "End");
    assertThat(((Step.Refused) steps.get(4)).refusal().reason()).isEqualTo(Reason.WRONG_TYPE);
    assertThat(row.word(index("id"))).isEqualTo(3);
    assertThat(steps("\ufeff\ufeff{}\n\0{}\n5\n6", Shape.NDJSON)).hasSize(5);
    refused("5", Reason.WRONG_TYPE, "");
    for (String lines : List.of("5\n6", "5\n\0{}", "5 \n\0", "5\n\0")) {
      assertThat(((Step.Refused) steps(lines, Shape.NDJSON).getFirst()).refusal().reason())
          .as(lines)
          .isEqualTo(Reason.WRONG_TYPE);
    }
    assertThat(steps("", Shape.NDJSON)).containsExactly(new Step.End(false, null));
  }

  @Test
  void aBodyMayLieAnywhereInAnArray() {
    byte[] body = "xxx{\"id\":5,\"ref\":\"r\"}yyy".getBytes(StandardCharsets.UTF_8);
    parser.open(body, 3, body.length - 6, Shape.JSON);
    assertThat(parser.next(row)).isInstanceOf(Step.Valid.class);
    assertThat(text("ref")).isEqualTo("\"r\"");
    assertThat(parser.next(row)).isEqualTo(new Step.End(false, null));
    assertThat(parser.next(row)).isEqualTo(new Step.End(false, null));
  }

  private void valid(String event) {
    Step step = steps(event.strip(), Shape.JSON).getFirst();
    assertThat(step).as(event).isInstanceOf(Step.Valid.class);
  }

  /// The refusal of an event that is the only line of a body.
  private Refusal refused(String event, Reason reason, @Nullable String pointer) {
    List<Step> steps = steps(event, Shape.NDJSON);
    assertThat(steps).as(event).hasSize(2);
    assertThat(steps.getFirst()).as(event).isInstanceOf(Step.Refused.class);
    Refusal refusal = ((Step.Refused) steps.getFirst()).refusal();
    assertThat(refusal.reason()).as(event + " " + refusal).isEqualTo(reason);
    if (pointer != null) {
      assertThat(refusal.pointer()).as(event + " " + refusal).isEqualTo(pointer);
    }
    return refusal;
  }

  private List<Step> steps(String body, Shape shape) {
    return steps(body.getBytes(StandardCharsets.UTF_8), shape);
  }

  private List<Step> steps(byte[] body, Shape shape) {
    parser.open(body, 0, body.length, shape);
    List<Step> steps = new ArrayList<>();
    do {
      steps.add(parser.next(row));
    } while (!(steps.getLast() instanceof Step.End));
    return steps;
  }

  private int index(String path) {
    return type.indexOf(path);
  }

  private String text(String path) {
    return row.string(index(path));
  }

  private String extra() {
    assertThat(row.hasExtra()).isTrue();
    return new String(row.text(), row.extraStart(), row.extraLength(), StandardCharsets.UTF_8);
  }
}
