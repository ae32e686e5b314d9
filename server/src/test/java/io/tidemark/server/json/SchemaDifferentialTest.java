package io.tidemark.server.json;

import static org.assertj.core.api.Assertions.assertThat;

import com.networknt.schema.Error;
import com.networknt.schema.Schema;
import io.tidemark.app.SchemaReader;
import io.tidemark.event.EventCodec;
import io.tidemark.event.EventRow;
import io.tidemark.ingest.EventParser;
import io.tidemark.ingest.EventParser.Step;
import io.tidemark.ingest.Refusal;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/// Our verdict on generated documents must be that of the networknt validator, and every document
/// that is taken must be given back with the same values, also after a way through the log.
class SchemaDifferentialTest {
  private static final int SCHEMAS = Integer.getInteger("schemas", 1_200);
  private static final int DOCUMENTS = 20;

  private final long seed = Long.getLong("seed", 1);
  private int valid;
  private int beyondOurTypes;

  @Test
  void verdictsAndValuesAgreeWithTheReferenceValidator() {
    System.out.println("SchemaDifferentialTest -Dseed=" + seed);
    Random random = new Random(seed);
    for (int i = 0; i < SCHEMAS; i++) {
      Map<String, Object> schema = new GeneratedSchemas(random).root();
      String source = JsonValues.text(schema);
      SchemaReader.Result read = new JsonSchemaReader().readText("generated", source, "schema");
      assertThat(read.problems()).as(source).isEmpty();
      Schema judge = new SchemaDocument(source).validator("");
      EventParser parser = CompiledSchema.compile(read.type(), source).newParser();
      GeneratedDocuments documents = new GeneratedDocuments(random, schema);
      EventRow row = new EventRow(read.type());
      for (int j = 0; j < DOCUMENTS; j++) {
        compare(source, judge, parser, row, documents.next());
      }
    }
    // The generator must not drift to where one verdict is hardly ever seen.
    int all = SCHEMAS * DOCUMENTS;
    System.out.println(valid + " of " + all + " valid, " + beyondOurTypes + " beyond our types");
    assertThat(valid).isBetween(all / 10, all * 9 / 10);
    assertThat(beyondOurTypes).isLessThan(all / 20);
  }

  private void compare(
      String source, Schema judge, EventParser parser, EventRow row, String document) {
    byte[] body = document.getBytes(StandardCharsets.UTF_8);
    JsonNode tree = Judge.normal(Judge.EXACT.readTree(document));
    List<Error> errors = judge.validate(tree);
    parser.open(body, 0, body.length, EventParser.Shape.NDJSON);
    Step step = parser.next(row);
    if (step instanceof Step.Refused(Refusal refusal) && isDeliberate(refusal)) {
      beyondOurTypes++;
      return;
    }
    boolean isValid = step instanceof Step.Valid;
    assertThat(isValid)
        .as(
            "seed %s%nschema %s%ndocument %s%nours %s%njudge %s",
            seed, source, document, step, errors)
        .isEqualTo(errors.isEmpty());
    if (isValid) {
      valid++;
      assertSame(source, document, tree, row);
      EventRow decoded = new EventRow(row.type());
      EventCodec.decodeValue(EventCodec.encodeValue(row, 7), decoded);
      assertSame(source, document, tree, decoded);
    }
  }

  /// JSON Schema's integers have no bounds; a LONG or a DOUBLE leaf has.
  private static boolean isDeliberate(Refusal refusal) {
    return refusal.detail().contains("integer of 64 bits")
        || refusal.detail().contains("a double's range");
  }

  private void assertSame(String source, String document, JsonNode tree, EventRow row) {
    JsonBytes out = new JsonBytes();
    new EventJson(row.type()).write(row, out);
    assertThat(JsonValues.same(tree, Judge.EXACT.readTree(out.toString())))
        .as("seed %s%nschema %s%ndocument %s%ngiven back %s", seed, source, document, out)
        .isTrue();
  }
}
