package io.tidemark.server.json;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.app.SchemaReader;
import io.tidemark.event.EventRow;
import io.tidemark.ingest.EventParser;
import io.tidemark.ingest.EventParser.Shape;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import org.junit.jupiter.api.Test;

/// Schemas that somebody has tampered with are read, or have problems that are said; and what is
/// read without a problem can be compiled, and reads events.
///
/// `-Dschemas=` says how many, `-Dseed=` which.
class HostileSchemasTest {
  private static final int SCHEMAS = Integer.getInteger("schemas", 4_000);

  private final long seed = Long.getLong("seed", 1);

  @Test
  void everySchemaIsReadOrHasProblems() {
    System.out.println("HostileSchemasTest -Dseed=" + seed);
    Random random = new Random(seed);
    Mutations mutations = new Mutations(random);
    int sound = 0;
    for (int i = 0; i < SCHEMAS; i++) {
      byte[] schema =
          JsonValues.text(new GeneratedSchemas(random).root()).getBytes(StandardCharsets.UTF_8);
      String source = new String(mutations.some(schema), StandardCharsets.UTF_8);
      try {
        sound += isSound(source, mutations) ? 1 : 0;
      } catch (RuntimeException | AssertionError | StackOverflowError e) {
        throw new AssertionError("-Dseed=%d, schema %d: %s".formatted(seed, i, source), e);
      }
    }
    assertThat(sound).isBetween(SCHEMAS / 5, SCHEMAS * 4 / 5);
  }

  @Test
  void groupsWithoutLeavesThatMultiplyAreRefused() {
    StringBuilder levels = new StringBuilder();
    for (int level = 1; level < 15; level++) {
      levels.append(level == 1 ? "" : ",").append("\"l" + level + "\":");
      levels.append("{\"type\":\"object\",\"properties\":{");
      for (int i = 0; i < 4; i++) {
        levels.append(i == 0 ? "" : ",").append("\"p" + i + "\":");
        levels.append("{\"$ref\":\"#/$defs/l" + (level - 1) + "\"}");
      }
      levels.append("}}");
    }
    String schema =
        "{\"type\":\"object\",\"properties\":{\"a\":{\"$ref\":\"#/$defs/l14\"}},\"$defs\":{"
            + "\"l0\":{\"type\":\"object\",\"properties\":{\"no path\":{}}},"
            + levels
            + "}}";
    assertThat(new JsonSchemaReader().readText("s", schema, "schema").problems())
        .singleElement()
        .asString()
        .contains("more than 20000 properties");
  }

  private static boolean isSound(String source, Mutations mutations) {
    SchemaReader.Result read = new JsonSchemaReader().readText("hostile", source, "schema");
    if (!read.problems().isEmpty()) {
      assertThat(read.problems()).allSatisfy(p -> assertThat(p.message()).isNotBlank());
      return false;
    }
    EventParser parser = CompiledSchema.compile(read.type(), source).newParser();
    EventRow row = new EventRow(read.type());
    for (byte[] body : new byte[][] {{'{', '}'}, mutations.noise(40)}) {
      parser.open(body, 0, body.length, Shape.NDJSON);
      while (!(parser.next(row) instanceof EventParser.Step.End)) {
        // Whatever comes of them.
      }
    }
    return true;
  }
}
