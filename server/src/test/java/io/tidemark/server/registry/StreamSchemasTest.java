package io.tidemark.server.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemark.app.StreamSpec;
import io.tidemark.event.EventCodec;
import io.tidemark.event.EventType;
import io.tidemark.log.SharedLog;
import io.tidemark.server.json.JsonSchemaReader;
import io.tidemark.server.json.SchemaChanges;
import io.tidemark.server.registry.SchemaVersion.Kind;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

/// Nodes that declare their streams' schemas over one log.
class StreamSchemasTest {
  private static final String FIRST =
      "{\"type\": \"object\", \"properties\": {\"n\": {\"type\": \"integer\"}}}";
  private static final String SECOND =
      "{\"type\": \"object\", \"properties\": {\"c\": {\"enum\": [\"a\"]}, \"n\": {\"type\": \"integer\"}}}";
  private static final String THIRD =
      "{\"type\": \"object\", \"properties\": {\"c\": {\"enum\": [\"a\", \"b\"]}, \"n\": {\"type\": \"integer\"}}}";
  private static final String OTHER =
      "{\"type\": \"object\", \"properties\": {\"d\": {\"type\": \"string\"}, \"n\": {\"type\": \"integer\"}}}";

  /// What all nodes share.
  private final List<byte[]> records = new ArrayList<>();

  /// A node's view of it.
  private final class Log implements SharedLog {
    private int read;
    private Runnable beforeAppend = () -> {};
    private boolean away;

    @Override
    public List<byte[]> read() throws IOException {
      if (away) {
        throw new IOException("away");
      }
      List<byte[]> now = List.copyOf(records.subList(read, records.size()));
      read = records.size();
      return now;
    }

    @Override
    public void append(byte[] record) {
      Runnable once = beforeAppend;
      beforeAppend = () -> {};
      once.run();
      records.add(record);
    }
  }

  private final class Node {
    final Log log = new Log();
    final SchemaRegistry registry = new SchemaRegistry(log);
    final StreamSchemas schemas = new StreamSchemas(registry);

    List<String> texts(String subject) throws IOException {
      registry.refresh();
      return registry.versions(subject).stream().map(SchemaVersion::text).toList();
    }
  }

  private static StreamSpec stream(String schema) {
    EventType type = new JsonSchemaReader().readText("s", schema, "s.json").type();
    return new StreamSpec(
        "s",
        type,
        schema,
        StreamSpec.APPEND_TIME,
        List.of(),
        Optional.empty(),
        Optional.empty(),
        1,
        0,
        Duration.ZERO);
  }

  private static void declare(Node node, String schema) throws IOException {
    node.schemas.declare(List.of(stream(schema)));
  }

  @Test
  void eachChangeIsAVersionOfWhatItChanges() throws IOException {
    Node node = new Node();
    declare(node, FIRST);
    declare(node, FIRST.replace(" ", "\n "));
    declare(node, SECOND);
    declare(node, THIRD);
    assertThat(node.texts("s-json")).hasSize(3);
    assertThat(node.registry.versions("s-value"))
        .extracting(SchemaVersion::id)
        .containsExactly(
            EventCodec.schemaId(stream(FIRST).type()), EventCodec.schemaId(stream(SECOND).type()));
    assertThat(node.texts("s-value").getLast()).contains("\"name\":\"c\"");
    Node later = new Node();
    assertThat(later.texts("s-json")).isEqualTo(node.texts("s-json"));
    declare(later, THIRD);
    assertThat(records).hasSize(5);
  }

  @Test
  void whatCannotFollowIsRefusedWithReasonsAndChangesNothing() throws IOException {
    Node node = new Node();
    declare(node, THIRD);
    for (String wrong : List.of(FIRST, SECOND, OTHER)) {
      assertThatThrownBy(() -> declare(new Node(), wrong))
          .isInstanceOf(IOException.class)
          .hasMessageContaining("stream s: its schema cannot follow the one in force")
          .hasMessageContaining("declare `version: 2`");
    }
    assertThat(new Node().schemas.refusals(List.of(stream(SECOND))))
        .singleElement()
        .asString()
        .contains(
            "- c had \"b\" among its values, and events that came before may have it: keep it");
    assertThat(records).hasSize(2);
  }

  @Test
  void ofTwoNodesThatAreFastestAtOnceOneWinsAndTheOtherComparesAgain() throws IOException {
    declare(new Node(), FIRST);
    Node slow = new Node();
    // Between its look and its record, another node makes a version.
    slow.log.beforeAppend =
        () -> {
          try {
            declare(new Node(), SECOND);
          } catch (IOException e) {
            throw new UncheckedIOException(e);
          }
        };
    assertThatThrownBy(() -> declare(slow, OTHER)).hasMessageContaining("c is gone");
    Node same = new Node();
    assertThat(same.texts("s-json")).isEqualTo(slow.texts("s-json")).hasSize(2);
    assertThat(same.texts("s-value")).hasSize(2);
    // Two that want the same agree.
    Node third = new Node();
    third.log.beforeAppend =
        () -> {
          try {
            declare(new Node(), THIRD);
          } catch (IOException e) {
            throw new UncheckedIOException(e);
          }
        };
    declare(third, THIRD);
    assertThat(third.texts("s-json")).hasSize(3);
    assertThat(new Node().texts("s-json")).isEqualTo(third.texts("s-json"));
  }

  @Test
  void ofTwoNodesWithDifferentAppsTheSlowerOneRegistersNothing() throws IOException {
    declare(new Node(), FIRST);
    Node slow = new Node();
    // The other has said what its events are, and not yet what its records are.
    slow.registry.refresh();
    SchemaVersion events =
        slow.registry.next("s-json", Kind.JSON, SchemaChanges.normal(SECOND), Optional.of("s"));
    records.add(SchemaRecords.encode(events));
    assertThatThrownBy(() -> declare(slow, OTHER)).hasMessageContaining("c is gone");
    assertThat(slow.registry.newest("s-json")).contains(events);
  }

  @Test
  void whatSomebodyRegistersForAFutureStreamIsNotInItsWay() throws Exception {
    Node node = new Node();
    Subjects subjects = new Subjects(node.registry, Set.of());
    var _ = subjects.register("s-json", AnySchema.read(Kind.JSON, OTHER));
    var _ = subjects.register("s-json", AnySchema.read(Kind.JSON, OTHER));
    var _ = subjects.register("s-value", AnySchema.read(Kind.AVRO, "\"long\""));
    declare(node, THIRD);
    assertThat(node.texts("s-json")).hasSize(2);
    declare(node, THIRD);
    assertThat(node.texts("s-value")).hasSize(2);
    assertThatThrownBy(() -> declare(node, SECOND)).hasMessageContaining("(s-json, version 2)");
  }

  @Test
  void whatIsRegisteredWithoutAnAppHasLimitsThatAllNodesKeep() throws Exception {
    Node node = new Node();
    String large = "\"" + "x".repeat(64 << 10) + "\"";
    SchemaVersion version = node.registry.next("t", Kind.AVRO, large, Optional.empty());
    assertThat(node.registry.append(version)).isFalse();
    String symbol = "x".repeat((64 << 10) - 50);
    for (int i = 0; i < 1_100; i++) {
      String text = "{\"type\":\"enum\",\"name\":\"E%d\",\"symbols\":[\"%s\"]}";
      records.add(
          SchemaRecords.encode(
              node.registry.next("u" + i, Kind.AVRO, text.formatted(i, symbol), Optional.empty())));
    }
    node.registry.refresh();
    assertThat(node.registry.subjects()).hasSizeBetween(1_020, 1_030);
    Subjects subjects = new Subjects(node.registry, Set.of());
    AnySchema another =
        AnySchema.read(
            Kind.AVRO, "{\"type\":\"enum\",\"name\":\"E\",\"symbols\":[\"%s\"]}".formatted(symbol));
    assertThatThrownBy(() -> subjects.register("v", another)).hasMessageContaining("no room");
    declare(node, FIRST);
  }

  @Test
  void whoeverIsNeverFastestGivesUp() {
    SharedLog swallows =
        new SharedLog() {
          @Override
          public List<byte[]> read() {
            return List.of();
          }

          @Override
          public void append(byte[] record) {
            records.add(record);
          }
        };
    Subjects subjects = new Subjects(new SchemaRegistry(swallows), Set.of());
    assertThatThrownBy(() -> subjects.register("t", AnySchema.read(Kind.AVRO, "\"long\"")))
        .hasMessageContaining("others are always faster");
    assertThat(records).hasSize(SchemaRegistry.ATTEMPTS);
  }

  @Test
  void aSchemaThatGrowsWithEachLevelIsNotTaken() {
    StringBuilder schema = new StringBuilder("\"long\"");
    for (int level = 0; level < 25; level++) {
      String name = "\"R" + level + "\"";
      schema.insert(
          0, "{\"type\":\"record\",\"name\":" + name + ",\"fields\":[{\"name\":\"a\",\"type\":");
      schema.append("},{\"name\":\"b\",\"type\":");
      schema.append(level == 0 ? "\"long\"" : "\"R" + (level - 1) + "\"").append("}]}");
    }
    assertThatThrownBy(() -> AnySchema.read(Kind.AVRO, schema.toString()))
        .isInstanceOf(RegistryError.class)
        .hasMessageContaining("more than 10000 parts");
  }

  @Test
  void aStreamsAvroIsWrittenAsAvroWritesIt() throws Exception {
    String nested =
        "{\"type\":\"object\",\"required\":[\"t\"],\"properties\":{\"t\":{\"type\":\"string\",\"format\":\"date-time\"},"
            + "\"g\":{\"type\":\"object\",\"properties\":{\"a\":{\"type\":\"number\"},\"h\":{\"type\":\"object\",\"properties\":{\"b\":{\"type\":\"boolean\"}}}}}}}";
    Node node = new Node();
    declare(node, nested);
    String text = node.registry.newest("s-value").orElseThrow().text();
    assertThat(AnySchema.read(Kind.AVRO, text).text()).isEqualTo(text);
  }

  @Test
  void aShapeThatAnotherNodeHasMadeIsFoundOnceItIsThere() throws IOException {
    Node old = new Node();
    declare(old, FIRST);
    var shapes = old.schemas.shapes(stream(FIRST));
    EventType newer = stream(SECOND).type();
    assertThat(shapes.find(EventCodec.schemaId(newer))).isEmpty();
    declare(new Node(), SECOND);
    assertThat(shapes.find(EventCodec.schemaId(newer))).contains(newer);
    old.log.away = true;
    assertThat(shapes.find(4711)).isEmpty();
    assertThatThrownBy(() -> shapes.find(EventCodec.LEAST_SCHEMA_ID))
        .isInstanceOf(UncheckedIOException.class);
  }

  @Test
  void anotherVersionOfTheStreamHasSubjectsOfItsOwn() throws IOException {
    Node node = new Node();
    declare(node, SECOND);
    StreamSpec other = stream(OTHER);
    StreamSpec second =
        new StreamSpec(
            "s",
            2,
            other.type(),
            OTHER,
            StreamSpec.APPEND_TIME,
            List.of(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            1,
            0,
            Duration.ZERO);
    node.schemas.declare(List.of(second));
    assertThat(node.registry.subjects())
        .containsExactly("s-json", "s-v2-json", "s-v2-value", "s-value");
  }

  @Test
  void whatIsNoRecordOfTheRegistryIsPassedOver() throws IOException {
    Node node = new Node();
    records.add(new byte[0]);
    records.add("{\"format\":2}".getBytes(java.nio.charset.StandardCharsets.UTF_8));
    records.add("[1".getBytes(java.nio.charset.StandardCharsets.UTF_8));
    declare(node, FIRST);
    SchemaVersion last = node.registry.newest("s-value").orElseThrow();
    assertThat(SchemaRecords.decode(records.getLast())).contains(last);
    // A version that is not the next one, and an id that is another schema's.
    records.add(
        SchemaRecords.encode(
            new SchemaVersion(
                "s-value", 5, 9, Kind.AVRO, "x", Optional.empty(), Optional.empty())));
    records.add(
        SchemaRecords.encode(
            new SchemaVersion(
                "t", 1, last.id(), Kind.AVRO, "x", Optional.empty(), Optional.empty())));
    node.registry.refresh();
    assertThat(node.registry.subjects()).containsExactly("s-json", "s-value");
    assertThat(node.registry.versions("s-value")).containsExactly(last);
  }

  @Test
  void idsOfOthersAreBelowThoseOfStreamsAndFree() throws IOException {
    Node node = new Node();
    SchemaVersion first = node.registry.next("t", Kind.AVRO, "\"long\"", Optional.empty());
    assertThat(first.id()).isBetween(1, EventCodec.LEAST_SCHEMA_ID - 1);
    records.add(
        SchemaRecords.encode(
            new SchemaVersion(
                "u", 1, first.id(), Kind.AVRO, "\"int\"", Optional.empty(), Optional.empty())));
    node.registry.refresh();
    SchemaVersion next = node.registry.next("t", Kind.AVRO, "\"long\"", Optional.empty());
    assertThat(next.id()).isEqualTo(first.id() + 1);
    assertThat(node.registry.append(next)).isTrue();
    assertThat(node.registry.next("v", Kind.AVRO, "\"long\"", Optional.empty()).id())
        .isEqualTo(next.id());
  }
}
