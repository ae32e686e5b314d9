package io.tidemark.server.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericDatumReader;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.io.DecoderFactory;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.cloud.stream.schema.registry.SchemaReference;
import org.springframework.cloud.stream.schema.registry.SchemaRegistrationResponse;
import org.springframework.cloud.stream.schema.registry.client.ConfluentSchemaRegistryClient;
import org.springframework.web.client.RestTemplate;
import tools.jackson.databind.JsonNode;

/// The registry, asked by Spring's client of Confluent's protocol, and by hand.
class RegistryIT {
  private static final String REGISTRY = "/v1/registry";
  private static final Pattern BROKER = Pattern.compile("embedded broker serves at (\\S+),");

  @TempDir private static Path folder;
  private static NodeUnderTest node;

  @BeforeAll
  static void start() {
    node =
        NodeUnderTest.start(folder.resolve("data"), List.of(LabApp.write(folder.resolve("lab"))));
  }

  @AfterAll
  static void stop() {
    node.close();
  }

  private static ConfluentSchemaRegistryClient client() {
    ConfluentSchemaRegistryClient client = new ConfluentSchemaRegistryClient(new RestTemplate());
    client.setEndpoint(node.address() + REGISTRY);
    return client;
  }

  private static JsonNode get(String path) {
    Http.Answer answer = node.http().get(REGISTRY + path).expect(200);
    assertThat(answer.header("Content-Type")).isEqualTo("application/vnd.schemaregistry.v1+json");
    return answer.json();
  }

  private static Http.Answer post(String path, String schema, String type) {
    String body =
        Http.JSON.createObjectNode().put("schema", schema).put("schemaType", type).toString();
    return node.http()
        .post(REGISTRY + path, body, "Content-Type", "application/vnd.schemaregistry.v1+json");
  }

  private static void expectError(Http.Answer answer, int status, int code, String message) {
    answer.expect(status);
    assertThat(answer.json().get("error_code").asInt()).isEqualTo(code);
    assertThat(answer.json().get("message").asString()).contains(message);
  }

  private static List<byte[]> records(String topic, int count) {
    Matcher broker = BROKER.matcher(node.log());
    assertThat(broker.find()).isTrue();
    Map<String, Object> settings = new HashMap<>();
    settings.put(ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG, broker.group(1));
    settings.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest");
    List<byte[]> values = new java.util.ArrayList<>();
    try (var consumer =
        new KafkaConsumer<>(settings, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
      consumer.assign(Set.of(new TopicPartition(topic, 0), new TopicPartition(topic, 1)));
      Poll.until(
          "records of " + topic,
          Duration.ofSeconds(20),
          () -> {
            for (ConsumerRecord<byte[], byte[]> record : consumer.poll(Duration.ofMillis(200))) {
              values.add(record.value());
            }
            return values.size() >= count;
          });
    }
    return values;
  }

  @Test
  void aRealClientDecodesTheTopic() throws IOException {
    node.http()
        .postJson(
            "/v1/streams/readings",
            "{\"at\":\"2022-03-22T12:00:00Z\",\"device\":\"d1\",\"n\":7,\"mode\":\"auto\"}")
        .expect(200);
    byte[] value = records("readings", 1).getFirst();
    ByteBuffer header = ByteBuffer.wrap(value);
    assertThat(header.get()).isZero();
    Schema schema = new Schema.Parser().parse(client().fetch(header.getInt()));
    GenericRecord record =
        new GenericDatumReader<GenericRecord>(schema)
            .read(null, DecoderFactory.get().binaryDecoder(value, 5, value.length - 5, null));
    assertThat(record.get("device").toString()).isEqualTo("d1");
    assertThat(record.get("n")).isEqualTo(7L);
    assertThat(record.get("x")).isNull();
    assertThat(client().fetch(new SchemaReference("readings-value", 1, "avro")))
        .isEqualTo(client().fetch(ByteBuffer.wrap(value, 1, 4).getInt()));
  }

  @Test
  void aRealClientRegistersForTopicsThatAreNoStreams() {
    String first =
        "{\"type\":\"record\",\"name\":\"R\",\"fields\":[{\"name\":\"a\",\"type\":\"int\"}]}";
    String second =
        "{\"type\":\"record\",\"name\":\"R\",\"fields\":[{\"name\":\"a\",\"type\":\"long\"},"
            + "{\"name\":\"b\",\"type\":\"string\",\"default\":\"\"}]}";
    SchemaRegistrationResponse one = client().register("other-value", "avro", first);
    assertThat(client().register("other-value", "avro", first).getId()).isEqualTo(one.getId());
    SchemaRegistrationResponse two = client().register("other-value", "avro", second);
    assertThat(two.getSchemaReference().getVersion()).isEqualTo(2);
    assertThat(client().fetch(two.getId())).isEqualTo(second);
    assertThat(get("/subjects/other-value/versions").toString()).isEqualTo("[1,2]");
    expectError(
        post("/subjects/other-value/versions", first.replace("int", "string"), "AVRO"),
        409,
        409,
        "incompatible");
    assertThat(get("/subjects/other-value/versions").toString()).isEqualTo("[1,2]");
  }

  @Test
  void aStreamsSchemaIsWhatTheAppDeclares() {
    String declared = client().fetch(new SchemaReference("readings-value", 1, "avro"));
    SchemaRegistrationResponse same = client().register("readings-value", "avro", declared);
    assertThat(same.getId())
        .isEqualTo(get("/subjects/readings-value/versions/1").get("id").asInt());
    String other = "{\"type\":\"record\",\"name\":\"R\",\"fields\":[]}";
    assertThatThrownBy(() -> client().register("readings-value", "avro", other))
        .hasMessageContaining("status 422");
    expectError(
        post("/subjects/readings-value/versions", other, "AVRO"),
        422,
        42205,
        "what the app declares");
  }

  @Test
  void everyCallAnswersAsConfluentsDoes() {
    assertThat(get("/subjects").toString())
        .contains("\"orders-json\",\"orders-value\"", "\"readings-json\",\"readings-value\"");
    assertThat(get("/subjects?subjectPrefix=orders-v").toString()).isEqualTo("[\"orders-value\"]");
    JsonNode latest = get("/subjects/readings-json/versions/latest");
    assertThat(latest.get("stream").asString()).isEqualTo("readings");
    assertThat(latest.get("schemaType").asString()).isEqualTo("JSON");
    assertThat(latest.get("version").asInt()).isEqualTo(1);
    String schema = latest.get("schema").asString();
    assertThat(Http.JSON.readTree(schema).at("/properties/mode/enum/0").asString())
        .isEqualTo("auto");
    int id = latest.get("id").asInt();
    assertThat(get("/schemas/ids/" + id).get("schema").asString()).isEqualTo(schema);
    assertThat(get("/schemas/ids/" + id + "/versions").toString())
        .isEqualTo("[{\"subject\":\"readings-json\",\"version\":1}]");
    assertThat(get("/schemas/ids/" + id + "/subjects").toString()).isEqualTo("[\"readings-json\"]");
    assertThat(get("/schemas/ids/" + id + "/schema").toString())
        .isEqualTo(get("/subjects/readings-json/versions/1/schema").toString());
    assertThat(get("/schemas/types").toString()).isEqualTo("[\"AVRO\",\"JSON\"]");
    assertThat(get("/config?x=1").get("compatibilityLevel").asString())
        .isEqualTo("BACKWARD_TRANSITIVE");
    assertThat(get("/config/readings-value").get("compatibilityLevel").asString())
        .isEqualTo("BACKWARD_TRANSITIVE");
    assertThat(get("/mode").get("mode").asString()).isEqualTo("READWRITE");
    assertThat(get("/mode/readings-value").get("mode").asString()).isEqualTo("READWRITE");
    assertThat(
            post("/subjects/readings-json", schema, "JSON")
                .expect(200)
                .json()
                .get("version")
                .asInt())
        .isEqualTo(1);
    String narrower = schema.replace(",\"manual\"", "");
    assertThat(
            post("/compatibility/subjects/readings-json/versions/latest", schema, "JSON")
                .expect(200)
                .text())
        .isEqualTo("{\"is_compatible\":true}");
    assertThat(
            post("/compatibility/subjects/readings-json/versions?verbose=true", narrower, "JSON")
                .expect(200)
                .text())
        .contains("\"is_compatible\":false")
        .contains("mode had");
  }

  @Test
  void errorsHaveConfluentsCodes() {
    Http http = node.http();
    expectError(http.get(REGISTRY + "/subjects/none/versions"), 404, 40401, "none");
    expectError(http.get(REGISTRY + "/subjects/readings-value/versions/9"), 404, 40402, "9");
    expectError(http.get(REGISTRY + "/subjects/readings-value/versions/0"), 422, 42202, "0");
    expectError(http.get(REGISTRY + "/schemas/ids/77"), 404, 40403, "77");
    expectError(http.get(REGISTRY + "/schemas/ids/x"), 404, 40403, "x");
    expectError(post("/subjects/readings-value", "\"long\"", "AVRO"), 404, 40403, "readings");
    expectError(post("/subjects/t/versions", "{", "AVRO"), 422, 42201, "not Avro");
    expectError(post("/subjects/t/versions", "{\"type\":5}", "JSON"), 422, 42201, "schema");
    expectError(post("/subjects/t/versions", "x", "PROTOBUF"), 422, 42201, "PROTOBUF");
    expectError(http.post(REGISTRY + "/subjects/t/versions", "[]"), 400, 400, "JSON object");
    expectError(http.post(REGISTRY + "/subjects/t/versions", "{}"), 422, 42201, "Empty schema");
    byte[] none = "{\"compatibility\":\"NONE\"}".getBytes(java.nio.charset.StandardCharsets.UTF_8);
    expectError(http.send("PUT", REGISTRY + "/config", none), 422, 42203, "cannot be set");
    byte[] read = "{\"mode\":\"READONLY\"}".getBytes(java.nio.charset.StandardCharsets.UTF_8);
    expectError(http.send("PUT", REGISTRY + "/mode/t", read), 422, 42204, "cannot be set");
    expectError(
        http.send("DELETE", REGISTRY + "/subjects/t", new byte[0]), 422, 42205, "not deleted");
  }

  @Test
  void whatWasRegisteredIsThereAfterAKill() {
    String schema = "{\"type\":\"enum\",\"name\":\"E\",\"symbols\":[\"A\"]}";
    int id = client().register("kept-value", "avro", schema).getId();
    node.kill();
    node.relaunch().awaitReady();
    assertThat(client().fetch(id)).isEqualTo(schema);
  }
}
