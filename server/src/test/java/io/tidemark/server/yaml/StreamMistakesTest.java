package io.tidemark.server.yaml;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.app.Problem;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What is said of wrong streams, and of wrong keys of the app itself.
class StreamMistakesTest {
  @TempDir Path temp;
  private Folder folder;

  @BeforeEach
  void makeFolder() {
    folder = new Folder(temp);
  }

  private void stream(String keys, String... messages) {
    folder.says(
        "app: a\nstreams:\n  ops: { schema: schemas/operation.json, " + keys + " }\n", messages);
  }

  @Test
  void anUnknownKeyNamesTheNearestAndAll() {
    stream(
        "▸retian: 24h, ▸colour: red",
        "unknown key \"retian\" in stream \"ops\"; did you mean \"retain\"? (known: schema, version,"
            + " time, key, id, retain, partitions, log, max_ahead)",
        "unknown key \"colour\" in stream \"ops\" (known: schema, version, time, key, id,"
            + " retain, partitions, log, max_ahead)");
    folder.says(
        """
        app: a
        ▸stream: { tags: { schema: schemas/user_tag.json } }
        """,
        "unknown key \"stream\" in app.yaml; did you mean \"streams\"? (known: app, streams, views,"
            + " contracts)");
  }

  @Test
  void aMisspeltKeyIsTakenForWhatItResembles() {
    stream(
        "▸retian: ▸soon",
        "unknown key \"retian\" in stream \"ops\"; did you mean \"retain\"? (known: schema, version,"
            + " time, key, id, retain, partitions, log, max_ahead)",
        "retain: \"soon\" is not a duration; write a number and a unit of ms, s, m, h, d or w, as"
            + " in 1m");
  }

  @Test
  void aNameHasAForm() {
    folder.says(
        """
        app: ▸My App
        streams:
          ▸UserTags: { schema: schemas/user_tag.json }
          ▸42: { schema: schemas/user_tag.json }
        """,
        "app: \"My App\" is not a name; write a-z, 0-9, _ and -, beginning with a letter, at most"
            + " 100 characters, as in my_app",
        "stream: \"UserTags\" is not a name; write a-z, 0-9 and _, beginning with a letter, at most"
            + " 100 characters, as in user_tags",
        "stream: \"42\" is not a name; write a-z, 0-9 and _, beginning with a letter, at most 100"
            + " characters");
    folder.says(
        "app: a\nstreams:\n  ▸" + "x".repeat(101) + ": { schema: schemas/user_tag.json }\n",
        "stream: \""
            + "x".repeat(60)
            + "…\" is not a name; write a-z, 0-9 and _, beginning with a letter, at most 100"
            + " characters");
    assertThat(
            folder
                .read(
                    "app: a\nstreams:\n  "
                        + "x".repeat(100)
                        + ": { schema: schemas/user_tag.json }")
                .streams())
        .hasSize(1);
  }

  @Test
  void anAppHasAStream() {
    folder.says("app: a\nstreams: ▸{}\n", "streams: nothing in it; an app has at least one stream");
  }

  @Test
  void aSchemaIsAFileInsideTheFolder() {
    folder.says(
        """
        app: a
        streams:
          ▸none: {}
          near: { schema: ▸schemas/user_tga.json }
          far: { schema: ▸nowhere }
          out: { schema: ▸../schemas/user_tag.json }
          absolute: { schema: ▸/etc/passwd }
          sneaky: { schema: ▸schemas/../../x.json }
          folder: { schema: ▸schemas }
          odd: { schema: ▸"a\\0b" }
        """,
        "stream \"none\" needs schema, as in schema: schemas/none.json",
        "schema: no file \"schemas/user_tga.json\"; did you mean \"schemas/user_tag.json\"?",
        "schema: no file \"nowhere\" (known: schemas/broken.json, schemas/operation.json,"
            + " schemas/user_tag.json)",
        "schema: \"../schemas/user_tag.json\" is outside of the app's folder; write a path inside"
            + " it, as in schemas/out.json",
        "schema: \"/etc/passwd\" is outside of the app's folder; write a path inside it, as in"
            + " schemas/absolute.json",
        "schema: \"schemas/../../x.json\" is outside of the app's folder; write a path inside it,"
            + " as in schemas/sneaky.json",
        "schema: no file \"schemas\" (known: schemas/broken.json, schemas/operation.json,"
            + " schemas/user_tag.json)",
        "schema: \"a\\u0000b\" cannot be the name of a file");
  }

  @Test
  void theSchemasMistakesAreListedOnceAndHideNoOthers() {
    folder.write(
        """
        app: a
        streams:
          one: { schema: schemas/broken.json, time: whatever, retain: 1x }
          two: { schema: schemas/broken.json }
        views:
          v: { timeline: one, by: anything, keep: 0 }
        """);
    assertThat(folder.problems())
        .extracting(Problem::toString)
        .containsExactly(
            temp
                + "/app.yaml:3:63: retain: \"1x\" is not a duration; write a number and a unit of"
                + " ms, s, m, h, d or w, as in 1m",
            temp + "/app.yaml:6:43: keep: 0 is out of range; from 1 to 10000",
            temp + "/schemas/broken.json:3:5: type \"strin\" is unknown",
            temp + "/schemas/broken.json:7:1: not JSON");
  }

  @Test
  void theTimeIsARequiredTimeOrMilliseconds() {
    stream("time: ▸tsx", "unknown field \"tsx\" in stream \"ops\"; did you mean \"ts\"?");
    stream(
        "time: ▸type",
        "time: type is a string; the time of an event is a string of format date-time, or an"
            + " integer of milliseconds since 1970");
    stream("time: ▸started", "time: started may be absent or null; make it required in the schema");
  }

  @Test
  void aKeyIsMadeOfRequiredScalars() {
    String need =
        "a key needs values that are equal exactly where they look equal: strings, integers,"
            + " booleans or times";
    String known =
        " (known: ts, action_id, user_id, type, provider, ok, amount, duration_ms, details,"
            + " started)";
    stream(
        "key: [▸amount, ▸details, ▸provider, user_id, ▸user_id, ▸x, ▸[x]]",
        "key: amount is a number with a fraction; " + need,
        "key: details is a JSON value of no single scalar type; " + need,
        "key: provider may be absent or null; make it required in the schema",
        "key: user_id is there twice",
        "unknown field \"x\" in stream \"ops\"" + known,
        "key: a single value is wanted here, not a list");
    stream(
        "key: ▸[ts, action_id, user_id, type, ok, ▸a, ▸b, ▸c, never_read]",
        "key: 9 in the list; at most 8",
        "unknown field \"a\" in stream \"ops\"" + known,
        "unknown field \"b\" in stream \"ops\"" + known,
        "unknown field \"c\" in stream \"ops\"" + known);
  }

  @Test
  void anIdIsARequiredStringOrInteger() {
    stream("id: ▸ok", "id: ok is a boolean; an id is a string or integer");
    stream(
        "id: { field: ▸provider, window: ▸10 }",
        "id: provider may be absent or null; make it required in the schema",
        "window: \"10\" is not a duration; write a number and a unit of ms, s, m, h, d or w, as in"
            + " 1m");
    stream(
        "id: { ▸feild: action_id, window: ▸1ms }",
        "unknown key \"feild\" in id; did you mean \"field\"? (known: field, window)",
        "window: 1ms is out of range; from 1s to 36500d");
    stream("id: ▸{ window: 1h }", "id needs field, as in field: event_id");
    stream("id: ▸[action_id]", "id: a single value is wanted here, not a list");
  }

  @Test
  void numbersHaveARange() {
    stream("partitions: ▸0", "partitions: 0 is out of range; from 1 to 1024");
    stream("partitions: ▸1025", "partitions: 1025 is out of range; from 1 to 1024");
    stream(
        "partitions: ▸99999999999999999999",
        "partitions: 99999999999999999999 is out of range; from 1 to 1024");
    stream("partitions: ▸-1", "partitions: -1 is out of range; from 1 to 1024");
    stream("partitions: ▸8.5", "partitions: \"8.5\" is not a whole number");
    stream("partitions: ▸many", "partitions: \"many\" is not a whole number");
  }

  @Test
  void durationsHaveAFormAndARange() {
    String form = "write a number and a unit of ms, s, m, h, d or w, as in 1m";
    stream("retain: ▸1x", "retain: \"1x\" is not a duration; " + form);
    stream("retain: ▸24", "retain: \"24\" is not a duration; " + form);
    stream(
        "retain: ▸24 Hours",
        "retain: \"24 Hours\" is not a duration; " + form + "; did you mean \"24h\"?");
    stream("retain: ▸30m1h", "retain: \"30m1h\" is not a duration; " + form);
    stream("retain: ▸500ms", "retain: 500ms is out of range; from 1s to 36500d");
    stream("retain: ▸36501d", "retain: 36501d is out of range; from 1s to 36500d");
    stream(
        "retain: ▸99999999999999999999w",
        "retain: 99999999999999999999w is out of range; from 1s to 36500d");
    stream("max_ahead: ▸[1h]", "max_ahead: a single value is wanted here, not a list");
  }

  @Test
  void sizesHaveAFormAndARange() {
    String form = "write a number and a unit of B, KiB, MiB, GiB or TiB, as in 4GiB";
    stream("log: { keep: ▸lots }", "keep: \"lots\" is not a size; " + form);
    stream(
        "log: { keep: ▸4 gb }",
        "keep: \"4 gb\" is not a size; " + form + "; did you mean \"4GB\"?");
    stream(
        "log: { keep: ▸4G }", "keep: \"4G\" is not a size; " + form + "; did you mean \"4GiB\"?");
    stream("log: { keep: ▸1kB }", "keep: 1kB is out of range; from 1MiB to 1024TiB");
    stream("log: ▸4GiB", "log: a map of keys is wanted here, not \"4GiB\"");
    stream("▸log: {}", "log needs keep, as in keep: 4GiB");
  }

  @Test
  void contractsAreKnown() {
    folder.says(
        """
        app: a
        streams: { tags: { schema: schemas/user_tag.json } }
        contracts: [▸alezon, shop, ▸shop, ▸x]
        """,
        "unknown contract \"alezon\"; did you mean \"allezon\"?",
        "contracts: shop is there twice",
        "unknown contract \"x\" (known: allezon, shop)");
  }
}
