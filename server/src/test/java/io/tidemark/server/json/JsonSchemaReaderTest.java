package io.tidemark.server.json;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.app.SchemaReader;
import io.tidemark.event.Field;
import io.tidemark.event.FieldType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class JsonSchemaReaderTest {
  private final JsonSchemaReader reader = new JsonSchemaReader();

  @Test
  void leavesComeDepthFirstInTheOrderOfTheSchema() {
    assertThat(
            leaves(
                """
                {"type": "object", "required": ["z", "g", "e", "n"], "properties": {
                  "z": {"type": "string"},
                  "g": {"type": "object", "required": ["i"], "properties": {
                    "i": {"type": "integer"}, "d": {"type": "number"}}},
                  "a": {"type": "object", "required": ["t"], "properties": {
                    "t": {"type": "string", "format": "date-time"}}},
                  "b": {"type": "boolean"},
                  "e": {"enum": ["x", "y"]},
                  "n": {"type": ["integer", "null"]}}}
                """))
        .containsExactly(
            new Field("z", FieldType.STRING, true),
            new Field("g.i", FieldType.LONG, true),
            new Field("g.d", FieldType.DOUBLE, false),
            new Field("a.t", FieldType.TIMESTAMP, false),
            new Field("b", FieldType.BOOLEAN, false),
            new Field("e", FieldType.STRING, true),
            new Field("n", FieldType.LONG, false));
  }

  @Test
  void whatHasNoSingleScalarTypeIsJson() {
    assertThat(
            leaves(
                """
                {"type": "object", "required": ["u", "any"], "properties": {
                  "u": {"type": ["string", "integer"]}, "list": {"type": "array"},
                  "free": {"type": "object"}, "any": {}, "yes": true,
                  "mixed": {"enum": ["x", 1]}, "one": {"anyOf": [{"type": "string"}]}}}
                """))
        .allSatisfy(field -> assertThat(field.type()).isEqualTo(FieldType.JSON))
        .extracting(Field::required)
        .containsExactly(true, false, false, false, false, false, false);
  }

  @Test
  void referencesAreFollowedAndRecursionIsNoLeaf() {
    assertThat(
            leaves(
                """
                {"$ref": "#/$defs/node", "$defs": {
                  "word": {"type": "string"},
                  "node": {"type": "object", "required": ["w"], "properties": {
                    "w": {"$ref": "#/$defs/word", "description": "a word"},
                    "next": {"$ref": "#/$defs/node"},
                    "in": {"type": "object", "properties": {
                      "up": {"$ref": "#/$defs/node"}, "w": {"$ref": "#/$defs/word"}}}}}}}
                """))
        .containsExactly(
            new Field("w", FieldType.STRING, true), new Field("in.w", FieldType.STRING, false));
  }

  @Test
  void propertiesWhoseNameIsNoFieldNameAreNoLeaves() {
    assertThat(
            leaves(
                """
                {"type": "object", "properties": {"a-b": {"type": "string"},
                  "x.y": {"type": "object", "properties": {"z": {"type": "string"}}},
                  "ok": {"type": "string"}}}
                """))
        .extracting(Field::path)
        .containsExactly("ok");
  }

  @Test
  void aMissingFileIsAProblem(@TempDir Path folder) throws IOException {
    SchemaReader.Result missing = reader.read("s", folder.resolve("no.json"), "schemas/no.json");
    assertThat(missing.problems().toString())
        .contains("schemas/no.json:1:1: there is no such file");
    Path file = Files.writeString(folder.resolve("yes.json"), "{\"type\": \"object\"}");
    assertThat(reader.read("s", file, "schemas/yes.json").problems()).isEmpty();
  }

  @Test
  void brokenJsonIsReportedWhereItBreaks() {
    assertThat(problems("{\n  \"type\": \"object\",\n  oops\n}"))
        .singleElement()
        .asString()
        .startsWith("s.json:3:3: not JSON");
    assertThat(problems("{\"type\": \"object\",\n \"type\": \"object\"}"))
        .singleElement()
        .asString()
        .contains("s.json:2:");
  }

  @Test
  void everyMistakeIsReportedAtItsPlace() {
    assertThat(
            problems(
                """
                {
                  "type": "object",
                  "required": "id",
                  "properties": {
                    "id": {"type": "strnig"},
                    "a": {"type": ["string", "nul"]},
                    "b": {"$ref": "#/$defs/none"},
                    "c": {"type": "string", "pattern": "a("},
                    "d": {"type": "string", "minLength": "3"},
                    "e": {"$ref": "other.json"}
                  },
                  "$defs": {"loop": {"$ref": "#/$defs/loop"}}
                }
                """))
        .extracting(
            problem ->
                problem.replaceAll(
                    "^s.json:(\\d+):(\\d+): .*?(type|names|regular|string|itself).*", "$1:$2 $3"))
        .containsExactly(
            "3:15 string",
            "5:20 type",
            "6:30 type",
            "7:19 names",
            "8:40 regular",
            "9:42 string",
            "10:19 names",
            "12:30 itself");
  }

  @Test
  void eventsAreObjects() {
    assertThat(problems("{\n \"type\": \"string\"}"))
        .containsExactly(
            "s.json:2:10: events are objects: the schema has to say \"type\": \"object\"");
    assertThat(problems("{}")).hasSize(1);
    assertThat(problems("true")).hasSize(1);
    assertThat(problems("[]")).isNotEmpty();
  }

  private List<Field> leaves(String source) {
    SchemaReader.Result result = reader.readText("s", source, "s.json");
    assertThat(result.problems()).isEmpty();
    return result.type().fields();
  }

  private List<String> problems(String source) {
    return reader.readText("s", source, "s.json").problems().stream()
        .map(Object::toString)
        .toList();
  }
}
