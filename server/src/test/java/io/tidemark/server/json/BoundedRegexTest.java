package io.tidemark.server.json;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemark.app.SchemaReader;
import io.tidemark.event.EventRow;
import io.tidemark.ingest.EventParser;
import io.tidemark.ingest.EventParser.Step;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BoundedRegexTest {
  @Test
  void longTextsAreMatched() {
    String text = "ab".repeat(500_000);
    assertThat(new BoundedRegex("^[ab]+$").matches(text)).isTrue();
    assertThat(new BoundedRegex("^[ab]+$").matches(text + "c")).isFalse();
    assertThat(new BoundedRegex("bb").matches(text)).isFalse();
    assertThat(new BoundedRegex("a$").matches("a\n")).isFalse();
  }

  @ParameterizedTest
  @ValueSource(strings = {"^(a+)+$", "^(a|aa)+$", "^(a|a)*$", "(.*a){20}b"})
  void whatTakesExponentialTimeIsGivenUp(String regex) {
    BoundedRegex tried = new BoundedRegex(regex);
    assertThatThrownBy(() -> tried.matches("a".repeat(5_000) + "!"))
        .isInstanceOf(Refused.class)
        .hasMessageContaining("5001 characters");
  }

  @Test
  void whatTakesTooMuchStackIsGivenUp() {
    BoundedRegex tried = new BoundedRegex("^(a|b)+$");
    assertThatThrownBy(() -> tried.matches("ab".repeat(500_000))).isInstanceOf(Refused.class);
  }

  /// The same in an event, where a rare keyword brings in the reference validator, too.
  @ParameterizedTest
  @ValueSource(strings = {"", ",\"not\":{\"const\":\"x\"}", ",\"format\":\"email\""})
  void anEventThatExhaustsThePatternIsRefused(String more) {
    String schema =
        """
        {"type":"object","properties":{
          "p":{"type":"string","pattern":"^(a|b)+$"%s},
          "e":{"type":"string","format":"email"},
          "u":{"type":"string","format":"uri"},
          "h":{"type":"string","format":"hostname"}}}
        """
            .formatted(more);
    SchemaReader.Result read = new JsonSchemaReader().readText("regex", schema, "schema");
    assertThat(read.problems()).isEmpty();
    EventParser parser = CompiledSchema.compile(read.type(), schema).newParser();
    EventRow row = new EventRow(read.type());
    for (String name : List.of("p", "e", "u", "h")) {
      for (String part : List.of("ab", "a.", "a@", "::", "http://a/%41")) {
        byte[] body =
            "{\"%s\":\"%s\"}"
                .formatted(name, part.repeat((1 << 19) / part.length()))
                .getBytes(StandardCharsets.UTF_8);
        parser.open(body, 0, body.length, EventParser.Shape.JSON);
        Step step = parser.next(row);
        if (name.equals("p")) {
          assertThat(step).isInstanceOf(Step.Refused.class);
        } else {
          assertThat(step).isNotInstanceOf(Step.End.class);
        }
      }
    }
  }
}
