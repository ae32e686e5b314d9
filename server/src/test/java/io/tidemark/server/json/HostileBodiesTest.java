package io.tidemark.server.json;

import static org.assertj.core.api.Assertions.assertThat;

import com.networknt.schema.Schema;
import io.tidemark.app.SchemaReader;
import io.tidemark.event.EventCodec;
import io.tidemark.event.EventRow;
import io.tidemark.ingest.EventParser;
import io.tidemark.ingest.EventParser.Shape;
import io.tidemark.ingest.EventParser.Step;
import io.tidemark.ingest.Refusal;
import io.tidemark.ingest.Refusal.Reason;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.cfg.JsonNodeFeature;
import tools.jackson.databind.exc.JsonNodeException;
import tools.jackson.databind.json.JsonMapper;

/// Bodies that somebody has tampered with. Whatever they are, each event is either taken and given
/// back as it came, or refused with a reason, and a reference reader agrees: Jackson about what is
/// JSON, networknt about what the schema takes.
///
/// `-Dbodies=` says how many, `-Dseed=` which.
class HostileBodiesTest {
  private static final int BODIES = Integer.getInteger("bodies", 60_000);
  private static final int BODIES_A_SCHEMA = 200;

  /// More than any body here can have.
  private static final int STEPS_MAX = 100_000;

  /// Reasons that are not JSON's or the schema's, but our own bounds.
  private static final Set<Reason> BOUNDS = Set.of(Reason.TOO_DEEP, Reason.TOO_LARGE);

  private static final Pattern HALF_PAIR = Pattern.compile("\\\\u[dD][89a-fA-F]");
  private static final Pattern LARGE_EXPONENT = Pattern.compile("(?<=[0-9])[eE][+-]?[0-9]{4,}");

  private static final JsonMapper STRICT = mapper(true);
  private static final JsonMapper LENIENT_ABOUT_NAMES = mapper(false);

  private final long seed = Long.getLong("seed", 1);
  private int taken;
  private int refused;
  private int broken;

  /// Whether the reference could not hold a number of the body, so that only its syntax counts.
  private boolean isSyntaxOnly;

  private static JsonMapper mapper(boolean uniqueNames) {
    JsonFactory factory =
        JsonFactory.builder()
            .streamReadConstraints(
                StreamReadConstraints.builder()
                    .maxNestingDepth(100_000)
                    .maxNumberLength(1 << 24)
                    .maxNameLength(1 << 24)
                    .build())
            .configure(StreamReadFeature.STRICT_DUPLICATE_DETECTION, uniqueNames)
            .build();
    return JsonMapper.builder(factory)
        .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
        .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
        .disable(JsonNodeFeature.STRIP_TRAILING_BIGDECIMAL_ZEROES)
        .build();
  }

  @Test
  void everyBodyIsTakenAsItIsOrRefusedWithAReason() {
    System.out.println("HostileBodiesTest -Dseed=" + seed + " -Dbodies=" + BODIES);
    for (int i = 0; i < BODIES; i += BODIES_A_SCHEMA) {
      // Each schema with a seed of its own, so that one is quickly run again.
      long ofSchema = seed + i / BODIES_A_SCHEMA;
      try {
        tamper(new Random(ofSchema), Math.min(BODIES_A_SCHEMA, BODIES - i));
      } catch (AssertionError | RuntimeException | StackOverflowError e) {
        throw new AssertionError("-Dseed=" + ofSchema + " -Dbodies=200", e);
      }
    }
    System.out.println(
        taken + " events taken, " + refused + " refused, " + broken + " bodies broken");
    // The mutations must not drift to where one outcome is hardly ever seen.
    assertThat(taken).isGreaterThan(BODIES / 10);
    assertThat(refused).isGreaterThan(BODIES / 10);
    assertThat(broken).isBetween(BODIES / 10, BODIES * 9 / 10);
  }

  private void tamper(Random random, int bodies) {
    Map<String, Object> schema = new GeneratedSchemas(random).root();
    String source = JsonValues.text(schema);
    SchemaReader.Result read = new JsonSchemaReader().readText("generated", source, "schema");
    Schema judge = new SchemaDocument(source).validator("");
    EventParser parser = CompiledSchema.compile(read.type(), source).newParser();
    EventRow row = new EventRow(read.type());
    GeneratedDocuments documents = new GeneratedDocuments(random, schema);
    Mutations mutations = new Mutations(random);
    for (int i = 0; i < bodies; i++) {
      Shape shape = random.nextBoolean() ? Shape.JSON : Shape.NDJSON;
      byte[] body =
          random.nextInt(20) == 0
              ? mutations.noise(80)
              : mutations.some(body(random, documents, shape));
      try {
        check(body, shape, parser, row, judge);
      } catch (AssertionError | RuntimeException | StackOverflowError e) {
        throw new AssertionError(
            "schema %s%n%s body %s%n%s"
                .formatted(
                    source,
                    shape,
                    new String(body, StandardCharsets.UTF_8),
                    HexFormat.of().formatHex(body)),
            e);
      }
    }
  }

  /// A sound body of one or several events.
  private static byte[] body(Random random, GeneratedDocuments documents, Shape shape) {
    List<String> events = new ArrayList<>();
    for (int i = 1 + random.nextInt(3); i > 0; i--) {
      events.add(documents.next());
    }
    String text =
        shape == Shape.NDJSON
            ? String.join(random.nextBoolean() ? "\n" : "\r\n\n", events)
            : random.nextInt(3) == 0 ? events.getFirst() : "[" + String.join(" ,", events) + "]";
    return text.getBytes(StandardCharsets.UTF_8);
  }

  /// What came of one event.
  ///
  /// @param refusal null: it was taken
  /// @param given the event as it is given back
  private record Outcome(@Nullable Refusal refusal, String given) {}

  private void check(byte[] body, Shape shape, EventParser parser, EventRow row, Schema judge) {
    // The body lies somewhere in a larger array, as it does in a request's buffer.
    byte[] array = new byte[body.length + 7];
    Arrays.fill(array, (byte) '}');
    System.arraycopy(body, 0, array, 3, body.length);
    parser.open(array, 3, body.length, shape);
    List<Outcome> outcomes = new ArrayList<>();
    Step.End end = null;
    while (end == null) {
      assertThat(outcomes.size()).isLessThan(STEPS_MAX);
      switch (parser.next(row)) {
        case Step.Valid _ -> outcomes.add(new Outcome(null, given(row)));
        case Step.Refused(Refusal refusal) -> outcomes.add(new Outcome(refusal, ""));
        case Step.End last -> end = last;
      }
    }
    if (shape == Shape.JSON) {
      checkValue(body, outcomes, end, judge);
    } else {
      assertThat(end.broken()).isNull();
      checkLines(body, outcomes, judge);
    }
  }

  /// Renders the row, once more after a way through the log.
  private String given(EventRow row) {
    EventRow decoded = new EventRow(row.type());
    EventCodec.decodeValue(EventCodec.encodeValue(row, 7), decoded);
    String given = json(row);
    assertThat(json(decoded)).isEqualTo(given);
    return given;
  }

  private static String json(EventRow row) {
    JsonBytes out = new JsonBytes();
    new EventJson(row.type()).write(row, out);
    return out.toString();
  }

  private void checkValue(byte[] body, List<Outcome> outcomes, Step.End end, Schema judge) {
    Refusal whole = end.broken();
    JsonNode tree = read(body);
    if (whole != null) {
      broken++;
      assertThat(whole.detail()).isNotBlank();
      boolean isBound = BOUNDS.contains(whole.reason());
      assertThat(tree == null || isBound).as("broken is %s, but it is JSON", whole).isTrue();
      return;
    }
    if (tree == null) {
      throw new AssertionError("not JSON, but not broken: " + outcomes);
    }
    if (outcomes.stream().allMatch(o -> o.refusal() == null)) {
      assertThat(isStrict(body)).isTrue();
    }
    List<JsonNode> events = end.wasArray() ? tree.valueStream().toList() : List.of(tree);
    assertThat(outcomes).hasSameSizeAs(events);
    for (int i = 0; i < outcomes.size(); i++) {
      checkEvent(outcomes.get(i), events.get(i), body, judge);
    }
  }

  private void checkLines(byte[] body, List<Outcome> outcomes, Schema judge) {
    int from = isMark(body) ? 3 : 0;
    int at = 0;
    for (int i = from; i <= body.length; i++) {
      if (i == body.length || body[i] == '\n') {
        byte[] line = Arrays.copyOfRange(body, from, i);
        from = i + 1;
        if (isBlank(line)) {
          continue;
        }
        Outcome outcome = outcomes.get(at++);
        JsonNode tree = isMark(line) ? null : read(line);
        if (tree == null) {
          refused++;
          assertThat(outcome.refusal()).as(() -> utf8(line)).isNotNull();
        } else {
          checkEvent(outcome, tree, line, judge);
        }
      }
    }
    assertThat(outcomes).hasSize(at);
  }

  private void checkEvent(Outcome outcome, JsonNode tree, byte[] text, Schema judge) {
    Refusal refusal = outcome.refusal();
    if (refusal == null) {
      taken++;
      if (isSyntaxOnly) {
        return;
      }
      assertThat(JsonValues.same(tree, Judge.EXACT.readTree(outcome.given())))
          .as("given back %s", outcome.given())
          .isTrue();
      assertThat(judge.validate(Judge.normal(tree))).isEmpty();
      return;
    }
    refused++;
    assertThat(refusal.detail()).isNotBlank();
    if (refusal.reason() == Reason.DUPLICATE_KEY) {
      assertThat(isSyntaxOnly || !isStrict(text)).isTrue();
    } else if (!isDeliberate(refusal, text)) {
      // Of a name that comes twice, the tree has only the second value.
      assertThat(isRefusedBy(judge, tree, refusal) || !isStrict(text))
          .as("refused for %s", refusal)
          .isTrue();
    }
  }

  /// The reference fails where a fraction beyond 64 bits meets the bounds of an integer.
  private static boolean isRefusedBy(Schema judge, JsonNode tree, Refusal refusal) {
    try {
      return !judge.validate(Judge.normal(tree)).isEmpty();
    } catch (JsonNodeException _) {
      return refusal.reason() == Reason.WRONG_TYPE || refusal.reason() == Reason.OUT_OF_RANGE;
    }
  }

  /// Whether the refusal is for a bound of ours, or cannot be put to the reference.
  private static boolean isDeliberate(Refusal refusal, byte[] text) {
    return BOUNDS.contains(refusal.reason())
        || refusal.detail().contains("integer of 64 bits")
        || refusal.detail().contains("a double's range")
        || refusal.detail().contains("exponent")
        || (refusal.detail().contains("surrogate") && HALF_PAIR.matcher(utf8(text)).find())
        || LARGE_EXPONENT.matcher(utf8(text)).find();
  }

  /// What Jackson reads; null where it is not JSON.
  private @Nullable JsonNode read(byte[] bytes) {
    boolean hasMark = isMark(bytes);
    try {
      String text =
          StandardCharsets.UTF_8
              .newDecoder()
              .decode(ByteBuffer.wrap(bytes, hasMark ? 3 : 0, bytes.length - (hasMark ? 3 : 0)))
              .toString();
      JsonNode tree = read(text);
      return tree.isMissingNode() ? null : tree;
    } catch (CharacterCodingException | JacksonException _) {
      return null;
    }
  }

  private JsonNode read(String text) {
    isSyntaxOnly = false;
    try {
      return LENIENT_ABOUT_NAMES.readTree(text);
    } catch (NumberFormatException _) {
      isSyntaxOnly = true;
      return LENIENT_ABOUT_NAMES.readTree(LARGE_EXPONENT.matcher(text).replaceAll("e1"));
    }
  }

  /// Whether no object has a name twice.
  private static boolean isStrict(byte[] text) {
    try {
      var _ = STRICT.readTree(utf8(isMark(text) ? Arrays.copyOfRange(text, 3, text.length) : text));
      return true;
    } catch (NumberFormatException _) {
      return true; // no name so far
    } catch (JacksonException _) {
      return false;
    }
  }

  private static boolean isMark(byte[] bytes) {
    return bytes.length >= 3
        && bytes[0] == (byte) 0xef
        && bytes[1] == (byte) 0xbb
        && bytes[2] == (byte) 0xbf;
  }

  private static boolean isBlank(byte[] line) {
    ByteArrayOutputStream visible = new ByteArrayOutputStream();
    for (byte b : line) {
      if (b != ' ' && b != '\t' && b != '\r') {
        visible.write(b);
      }
    }
    return visible.size() == 0;
  }

  private static String utf8(byte[] bytes) {
    return new String(bytes, StandardCharsets.UTF_8);
  }
}
