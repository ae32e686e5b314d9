package io.tidemark.server.json;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

/// Lists of values from one version of a schema to the next.
class SchemaChangesTest {
  private static List<String> obstacles(String before, String after) {
    return SchemaChanges.obstacles(schema(before), schema(after));
  }

  private static String schema(String c) {
    return "{\"properties\":{\"g\":{\"type\":\"object\",\"properties\":{\"c\":" + c + "}}}}";
  }

  @Test
  void moreValuesMayCome() {
    assertThat(obstacles("{\"enum\":[\"a\"]}", "{\"enum\":[\"b\",\"a\"]}")).isEmpty();
    assertThat(obstacles("{\"const\":\"a\"}", "{\"enum\":[\"a\",\"b\"]}")).isEmpty();
    assertThat(obstacles("{\"enum\":[\"a\"]}", "{\"type\":\"string\"}")).isEmpty();
  }

  @Test
  void noneMayGo() {
    assertThat(obstacles("{\"enum\":[\"a\",\"b\",3]}", "{\"enum\":[\"b\"]}"))
        .containsExactly(
            "g.c had \"a\", 3 among its values, and events that came before may have it: keep it");
    assertThat(obstacles("{\"type\":\"string\"}", "{\"enum\":[\"b\"]}"))
        .containsExactly(
            "g.c could have any value and has a list of them now, but events that came before may"
                + " have others: leave it open");
  }

  @Test
  void otherKeywordsAreAboutWhatComesFromNowOn() {
    assertThat(
            obstacles(
                "{\"type\":\"string\"}", "{\"type\":\"string\",\"maxLength\":3,\"pattern\":\"a\"}"))
        .isEmpty();
  }

  @Test
  void aReferenceIsWhatItNames() {
    String before =
        "{\"$defs\":{\"d\":{\"enum\":[\"a\",\"b\"]}},\"properties\":{\"c\":{\"$ref\":\"#/$defs/d\"}}}";
    assertThat(SchemaChanges.obstacles(before, before.replace(",\"b\"", ""))).hasSize(1);
    assertThat(SchemaChanges.normal("{ \"a\" :1}")).isEqualTo("{\"a\":1}");
  }
}
