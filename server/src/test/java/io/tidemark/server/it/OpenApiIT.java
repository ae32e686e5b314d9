package io.tidemark.server.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// `/openapi.json` is true: every operation is driven by its own examples, and every answer must be
/// one that the document describes.
class OpenApiIT {
  private static final SchemaRegistry SCHEMAS =
      SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12);

  /// Near the times of the document's examples, so that retention drops nothing.
  private static final long TIME_MS = Instant.parse("2022-03-22T12:15:00Z").toEpochMilli();

  @TempDir private static Path data;
  private static NodeUnderTest node;
  private static Http http;
  private static JsonNode document;

  @BeforeAll
  static void start() {
    node = NodeUnderTest.allezon(data, "--check-answers");
    http = node.http();
    document = http.get("/openapi.json").expect(200).json();
  }

  @AfterAll
  static void stop() {
    node.close();
  }

  /// An operation of the document.
  private record Operation(String method, String path, JsonNode node) {
    List<JsonNode> parameters() {
      return node.path("parameters").valueStream().map(OpenApiIT::resolve).toList();
    }

    @Override
    public String toString() {
      return method + " " + path;
    }
  }

  private static List<Operation> operations() {
    List<Operation> operations = new ArrayList<>();
    document
        .get("paths")
        .properties()
        .forEach(
            path ->
                path.getValue()
                    .properties()
                    .forEach(
                        op ->
                            operations.add(
                                new Operation(op.getKey(), path.getKey(), op.getValue()))));
    return operations;
  }

  private static JsonNode resolve(JsonNode node) {
    JsonNode ref = node.path("$ref");
    return ref.isMissingNode() ? node : document.at(ref.asString().substring(1));
  }

  /// A request in the making.
  private static final class Request {
    private final Operation operation;
    private String path;
    private final List<String> query = new ArrayList<>();
    private final List<String> headers = new ArrayList<>();
    private byte[] body = {};

    Request(Operation operation, boolean withOptional) {
      this.operation = operation;
      this.path = operation.path();
      for (JsonNode parameter : operation.parameters()) {
        if (withOptional || parameter.path("required").asBoolean()) {
          add(parameter);
        }
      }
    }

    private void add(JsonNode parameter) {
      String name = parameter.get("name").asString();
      JsonNode example = parameter.get("example");
      assertThat(example).as("%s: example of %s", operation, name).isNotNull();
      assertThat(errors(parameter.get("schema"), example)).as("%s: %s", operation, name).isEmpty();
      switch (parameter.get("in").asString()) {
        case "path" -> path = path.replace("{" + name + "}", Http.encode(example.asString()));
        case "header" -> headers.addAll(List.of(name, example.asString()));
        default -> {
          if (example.isObject()) {
            example.properties().forEach(e -> add(e.getKey(), e.getValue()));
          } else if (example.isArray()) {
            example.forEach(value -> add(name, value));
          } else {
            add(name, example);
          }
        }
      }
    }

    private void add(String name, JsonNode value) {
      query.add(Http.encode(name).replace("%2E", ".") + "=" + Http.encode(value.asString()));
    }

    Request body(String type, JsonNode example) {
      headers.addAll(List.of("Content-Type", type));
      String text = example.isString() ? example.asString() : example.toString();
      body = text.getBytes(StandardCharsets.UTF_8);
      return this;
    }

    Http.Answer send() {
      String target = path + (query.isEmpty() ? "" : "?" + String.join("&", query));
      String[] pairs = headers.toArray(String[]::new);
      Http.Answer answer =
          operation.method().equals("get")
              ? http.get(target, pairs)
              : http.post(target, body, pairs);
      check(operation, answer);
      return answer;
    }
  }

  /// An answer must be one of those that its operation lists: status, type, headers and body.
  private static void check(Operation operation, Http.Answer answer) {
    String about = operation + " answered " + answer.status() + ": " + answer.text();
    JsonNode listed = operation.node().path("responses").path(Integer.toString(answer.status()));
    assertThat(listed.isMissingNode()).as("%s, which is not listed", about).isFalse();
    JsonNode response = resolve(listed);
    JsonNode content = response.path("content");
    if (content.isEmpty()) {
      assertThat(answer.bytes()).as(about).isEmpty();
      return;
    }
    Map.Entry<String, JsonNode> wanted = content.properties().iterator().next();
    assertThat(answer.header("Content-Type")).as(about).startsWith(wanted.getKey());
    JsonNode schema = wanted.getValue().get("schema");
    if (wanted.getKey().endsWith("ndjson")) {
      answer
          .text()
          .lines()
          .forEach(
              line -> assertThat(errors(schema, Http.JSON.readTree(line))).as(about).isEmpty());
    } else if (wanted.getKey().endsWith("json")) {
      assertThat(errors(schema, answer.json())).as(about).isEmpty();
    }
    response
        .path("headers")
        .properties()
        .forEach(
            header -> {
              JsonNode described = resolve(header.getValue());
              String value = answer.header(header.getKey());
              if (value.isEmpty()) {
                assertThat(described.path("required").asBoolean()).as(about).isFalse();
              } else if (resolve(described.get("schema"))
                  .path("type")
                  .asString()
                  .equals("integer")) {
                assertThat(value).as(about).matches("[0-9]+");
              } else {
                JsonNode text = Http.JSON.valueToTree(value);
                assertThat(errors(described.get("schema"), text)).as(about).isEmpty();
              }
            });
  }

  private static List<String> errors(JsonNode schema, JsonNode value) {
    assertThat(schema).isNotNull();
    ObjectNode whole = Http.JSON.createObjectNode();
    whole.set("components", document.get("components"));
    whole.putArray("allOf").add(schema);
    Schema compiled = SCHEMAS.getSchema(whole);
    return compiled.validate(value).stream().map(Object::toString).toList();
  }

  @Test
  void everyOperationAnswersItsOwnExamples() {
    List<String> driven = new ArrayList<>();
    for (Operation operation : operations()) {
      JsonNode body = operation.node().path("requestBody").path("content");
      for (boolean withOptional : List.of(false, true)) {
        List<Request> requests = new ArrayList<>();
        body.properties()
            .forEach(
                type ->
                    type.getValue()
                        .path("examples")
                        .properties()
                        .forEach(
                            example -> {
                              JsonNode value = resolve(example.getValue()).get("value");
                              assertThat(errors(type.getValue().get("schema"), value)).isEmpty();
                              requests.add(
                                  new Request(operation, withOptional).body(type.getKey(), value));
                            }));
        if (!operation.node().path("requestBody").path("required").asBoolean()) {
          requests.add(new Request(operation, withOptional));
        }
        assertThat(requests).as("examples of %s", operation).isNotEmpty();
        for (Request request : requests) {
          Http.Answer answer = request.send();
          assertThat(answer.status()).as("%s: %s", operation, answer.text()).isBetween(200, 299);
          driven.add(operation.toString());
        }
      }
    }
    assertThat(new TreeSet<>(driven)).hasSize(operations().size()).hasSizeGreaterThan(10);
  }

  @Test
  void whatTheExamplesSentIsThereToBeAskedFor() {
    Operation post = operation("post", "/user_tags");
    JsonNode examples = post.node().at("/requestBody/content/application~1json/examples");
    assertThat(examples).isNotEmpty();
    examples.forEach(
        e -> new Request(post, false).body("application/json", resolve(e).get("value")).send());
    for (String path :
        List.of(
            "/v1/timelines/{view}/{key}", "/v1/streams/{stream}/events", "/v1/rollups/{view}")) {
      Poll.until(
          path + " answers with something",
          Duration.ofSeconds(10),
          () -> {
            JsonNode answer = new Request(operation("get", path), false).send().json();
            return !answer.path("events").isEmpty() || !answer.path("rows").isEmpty();
          });
    }
    JsonNode aggregates = new Request(operation("post", "/aggregates"), true).send().json();
    assertThat(aggregates.get("rows")).hasSize(10);
  }

  @Test
  void problemsAreThoseThatAreListed() {
    for (Operation operation : operations()) {
      JsonNode responses = operation.node().get("responses");
      if (responses.has("400") && !operation.path().equals("/openapi.json")) {
        Request request = new Request(operation, false);
        request.query.add("no_such_parameter=1");
        if (operation.node().path("requestBody").path("required").asBoolean()) {
          request.body("application/json", Http.JSON.createObjectNode());
        }
        assertThat(request.send().status()).as(operation.toString()).isEqualTo(400);
        Request endless = new Request(operation, false);
        endless.query.add("x=" + "1&x=".repeat(250));
        assertThat(endless.send().status()).as(operation.toString()).isEqualTo(400);
      }
      if (responses.has("404") && operation.path().contains("{")) {
        Request request = new Request(operation, false);
        request.path = operation.path().replaceAll("\\{(stream|view)}", "nothing_of_the_kind");
        request.path = request.path.replace("{key}", "k").replace("{cookie}", "a/b");
        assertThat(request.send().status()).as(operation.toString()).isEqualTo(404);
      }
      if (responses.has("413")) {
        Request request = new Request(operation, false);
        request.body = new byte[(16 << 20) + 1];
        assertThat(request.send().status()).as(operation.toString()).isEqualTo(413);
      }
      if (responses.has("415")) {
        Request request = new Request(operation, false);
        request.headers.addAll(List.of("Content-Encoding", "br"));
        request.body = "x".getBytes(StandardCharsets.US_ASCII);
        assertThat(request.send().status()).as(operation.toString()).isEqualTo(415);
      }
      if (responses.has("207")) {
        Request request = new Request(operation, false);
        request.body("application/json", Http.JSON.createObjectNode());
        assertThat(request.send().status()).as(operation.toString()).isEqualTo(422);
        request = new Request(operation, false);
        String tag = UserTag.simple(TIME_MS, "mixed", "BUY", 1).json();
        request.body("application/x-ndjson", Http.JSON.valueToTree(tag + "\n{}\n"));
        assertThat(request.send().status()).as(operation.toString()).isEqualTo(207);
      }
    }
    Request quarantine = new Request(operation("get", "/v1/quarantine"), false);
    assertThat(quarantine.send().json().at("/streams/0/newest")).isNotEmpty();
  }

  @Test
  void whatIsNotVisibleInTimeIsAProblem() {
    List<Operation> waiting =
        operations().stream().filter(o -> o.node().get("responses").has("504")).toList();
    assertThat(waiting).hasSize(7);
    // All at once, since each waits for ten seconds.
    List<Http.Answer> answers =
        waiting.parallelStream()
            .map(
                operation -> {
                  Request request = new Request(operation, false);
                  StringBuilder mark = new StringBuilder();
                  for (int p = 0; p < 8; p++) {
                    mark.append(p == 0 ? "" : ",").append("user_tags/" + p + ":99999999");
                  }
                  request.headers.addAll(List.of("Tidemark-After", mark.toString()));
                  if (operation.path().equals("/v1/sql")) {
                    request.body(
                        "text/plain", Http.JSON.valueToTree("SELECT count(*) FROM user_tags"));
                  }
                  return request.send();
                })
            .toList();
    answers.forEach(answer -> answer.expectProblem(504, "not-visible-yet"));
  }

  @Test
  void tooManyGroupsAreAProblem() {
    http.post(
            "/v1/streams/user_tags",
            UserTag.simple(TIME_MS, "groups", "BUY", 1).json()
                + "\n"
                + UserTag.simple(TIME_MS, "groups", "VIEW", 1).json(),
            "Content-Type",
            Http.NDJSON)
        .expect(200);
    Operation rollups = operation("get", "/v1/rollups/{view}");
    Poll.until(
        "more groups than the limit are refused",
        Duration.ofSeconds(10),
        () -> {
          Http.Answer answer =
              http.get(
                  "/v1/rollups/actions?from=2022-03-22T12:15:00Z&to=2022-03-22T12:16:00Z"
                      + "&by=action&limit=1");
          check(rollups, answer);
          return answer.status() == 422;
        });
  }

  private static Operation operation(String method, String path) {
    return operations().stream()
        .filter(o -> o.method().equals(method) && o.path().equals(path))
        .findFirst()
        .orElseThrow();
  }
}
