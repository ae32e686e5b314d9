package io.tidemark.server.it;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Random;
import java.util.stream.Collectors;
import tools.jackson.databind.node.ObjectNode;

/// An app for tests with a stream that is archived and has fields of all types, and events of it
/// with what is likely to be read wrongly.
final class MixedApp {
  static final Instant START = Instant.parse("2026-03-01T00:00:00Z");

  /// Fields within fields, and fields that have no single type.
  static final List<String> NESTED = List.of("place", "place.at");

  static final List<String> JSON = List.of("any", "tags", "_extra");

  private static final String DECLARATION =
      """
      app: mixed
      streams:
        mixed:
          schema: schemas/mixed.json
          time: at
          key: device
          retain: { hot: 2h, archive: forever }
          partitions: 2
      """;

  private static final String SCHEMA =
      """
      {"$schema": "https://json-schema.org/draft/2020-12/schema",
       "type": "object",
       "required": ["at", "device"],
       "properties": {
         "at": {"type": "string", "format": "date-time"},
         "device": {"type": "string"},
         "n": {"type": "integer"},
         "x": {"type": "number"},
         "on": {"type": "boolean"},
         "seen": {"type": "string", "format": "date-time"},
         "text": {"type": "string"},
         "any": {},
         "tags": {"type": "array", "items": {"type": "string"}},
         "place": {"type": "object", "properties": {
           "room": {"type": "string"},
           "at": {"type": "object", "properties": {
             "lat": {"type": "number"}, "floor": {"type": "integer"}}}}}}}
      """;

  private static final List<String> TEXTS =
      List.of("", " ", "null", "0", "a\"b\\c", "line\nline\ttab", "žluťoučký 🐎 \u0000", "'x'");

  private static final List<String> ANYTHING =
      List.of("null", "true", "7", "-0.5", "\"7\"", "[1,\"a\",null]", "{\"b\":{\"c\":[]}}");

  private static final List<String> INTEGERS =
      List.of("0", "-1", "9223372036854775807", "-9223372036854775808", "9007199254740993", "10.0");

  private static final List<String> NUMBERS =
      List.of("0", "-0.0", "3", "0.1", "4.9E-324", "1.7976931348623157E308", "-1e-7");

  private MixedApp() {}

  /// Writes the app into a folder.
  static Path write(Path folder) throws IOException {
    Files.createDirectories(folder.resolve("schemas"));
    Files.writeString(folder.resolve("app.yaml"), DECLARATION);
    Files.writeString(folder.resolve("schemas").resolve("mixed.json"), SCHEMA);
    return folder;
  }

  /// An event of one device with nothing but a number and a text that no other event has.
  static String plainEvent(int i, Instant at) {
    return "{\"at\":\"%s\",\"device\":\"d1\",\"x\":%s,\"text\":\"only-%d\"}"
        .formatted(at.plusNanos(i * 1000L), i / 1024.0 + 1e-9, i);
  }

  /// An event of any device within some hours, with any of the fields.
  static String anyEvent(Random random, Duration hours) {
    ObjectNode event = Http.JSON.createObjectNode();
    long micros = (long) (random.nextDouble() * hours.toNanos() / 1000);
    event.put("at", START.plusNanos(micros * 1000).toString());
    event.put("device", "d" + random.nextInt(7));
    String fields =
        List.of(
                "\"n\":" + any(random, INTEGERS),
                "\"x\":" + any(random, NUMBERS),
                "\"on\":" + random.nextBoolean(),
                "\"seen\":\""
                    + (random.nextBoolean() ? "1969-12-31T23:59:59.999999Z" : at(random))
                    + '"',
                "\"text\":" + Http.JSON.writeValueAsString(any(random, TEXTS)),
                "\"any\":" + any(random, ANYTHING),
                "\"tags\":[\"a\",\"\"]",
                "\"place\":{\"room\":\"r%d\",\"at\":{\"lat\":%s,\"floor\":%d}}"
                    .formatted(random.nextInt(3), any(random, NUMBERS), random.nextInt(-2, 3)),
                "\"place\":{\"at\":{}}",
                "\"unknown\":{\"to\":[\"the schema\"]}")
            .stream()
            .filter(_ -> random.nextBoolean())
            .collect(Collectors.toMap(f -> f.substring(0, f.indexOf(':')), f -> f, (a, _) -> a))
            .values()
            .stream()
            .map(f -> "," + f)
            .collect(Collectors.joining());
    String begun = event.toString();
    return begun.substring(0, begun.length() - 1) + fields + "}";
  }

  private static <T> T any(Random random, List<T> choices) {
    return choices.get(random.nextInt(choices.size()));
  }

  /// With an offset, which is kept beside the instant.
  private static String at(Random random) {
    return "2025-12-31T23:30:00.%06d+01:30".formatted(random.nextInt(1_000_000));
  }
}
