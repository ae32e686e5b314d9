package io.tidemark.server.kafka;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemark.ingest.EventLog.Appended;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.function.UnaryOperator;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.ConfigResource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TopicsIT {
  @Test
  void topicsAreMadeMendedOrRefused(@TempDir Path folder) throws Exception {
    try (EmbeddedBroker broker =
            EmbeddedBroker.start(folder, EmbeddedBroker.ANY_PORT, Sync.INTERVAL);
        Admin admin =
            Admin.create(Map.of(AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG, broker.bootstrap()))) {
      Topics topics =
          new Topics(broker.bootstrap(), "tm.", OptionalInt.of(1), Duration.ofSeconds(20));

      topics.ensure(List.of(Streams.stream("made", 3)));
      Config made = config(admin, "tm.made");
      assertThat(value(made, "message.timestamp.type")).isEqualTo("LogAppendTime");
      assertThat(value(made, "retention.ms")).isEqualTo("-1");
      assertThat(value(made, "segment.bytes")).isEqualTo(Integer.toString(64 << 20));
      topics.ensure(List.of(Streams.stream("made", 3)));

      assertThatThrownBy(() -> topics.ensure(List.of(Streams.stream("made", 4))))
          .isInstanceOf(TopicException.class)
          .hasMessageContaining("topic tm.made has 3 partitions, but stream made declares 4")
          .hasMessageContaining("declare 3");

      NewTopic forgetful =
          new NewTopic("tm.forgetful", 1, (short) 1)
              .configs(Map.of("retention.ms", "1000", "cleanup.policy", "compact"));
      admin.createTopics(List.of(forgetful)).all().get();
      topics.ensure(List.of(Streams.stream("forgetful", 1)));
      Config mended = config(admin, "tm.forgetful");
      assertThat(value(mended, "retention.ms")).isEqualTo("-1");
      assertThat(value(mended, "cleanup.policy")).isEqualTo("delete");
      assertThat(value(mended, "message.timestamp.type")).isEqualTo("LogAppendTime");
    }
  }

  @Test
  void aNewTopicTakesAppendsAtOnce(@TempDir Path folder) throws Exception {
    try (EmbeddedBroker broker =
        EmbeddedBroker.start(folder, EmbeddedBroker.ANY_PORT, Sync.INTERVAL)) {
      for (int i = 0; i < 10; i++) {
        String name = "new" + i;
        Streams.topics(broker.bootstrap()).ensure(List.of(Streams.stream(name, 16)));
        try (KafkaEventLog log =
            new KafkaEventLog(
                broker.bootstrap(),
                KafkaEventLog.Compression.NONE,
                UnaryOperator.identity(),
                _ -> {})) {
          Appended appended = log.append(name, Streams.entries(2000, 16));
          assertThat(appended.failure()).isEmpty();
          assertThat(appended.offsets()).doesNotContain(Appended.FAILED);
        }
      }
    }
  }

  @Test
  void theTopicOfSchemasIsMendedOrRefused(@TempDir Path folder) throws Exception {
    try (EmbeddedBroker broker =
            EmbeddedBroker.start(folder, EmbeddedBroker.ANY_PORT, Sync.INTERVAL);
        Admin admin =
            Admin.create(Map.of(AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG, broker.bootstrap()))) {
      NewTopic forgetful =
          new NewTopic(SchemaTopic.NAME, 1, (short) 1)
              .configs(Map.of("retention.ms", "1000", "cleanup.policy", "compact"));
      admin.createTopics(List.of(forgetful)).all().get();
      try (SchemaTopic topic = open(broker)) {
        topic.append(new byte[2 << 20]);
        assertThat(topic.read()).hasSize(1);
      }
      Config mended = config(admin, SchemaTopic.NAME);
      assertThat(value(mended, "retention.ms")).isEqualTo("-1");
      assertThat(value(mended, "cleanup.policy")).isEqualTo("delete");
      TopicPartition partition = new TopicPartition(SchemaTopic.NAME, 0);
      admin.deleteRecords(Map.of(partition, RecordsToDelete.beforeOffset(1))).all().get();
      assertThatThrownBy(() -> open(broker).close())
          .isInstanceOf(TopicException.class)
          .hasMessageContaining("has lost its first 1 records");
    }
  }

  private static SchemaTopic open(EmbeddedBroker broker) throws Exception {
    return SchemaTopic.open(broker.bootstrap(), OptionalInt.of(1), Duration.ofSeconds(20));
  }

  @Test
  void saysThatTheBrokersAreAway() {
    Topics topics = new Topics("127.0.0.1:1", "", OptionalInt.empty(), Duration.ofSeconds(1));
    long start = System.nanoTime();
    assertThatThrownBy(() -> topics.ensure(List.of(Streams.stream("s", 1))))
        .isInstanceOf(TopicException.class)
        .hasMessageContaining("no answer from 127.0.0.1:1 within 1 s; does the broker run?");
    assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(10));
  }

  private static Config config(Admin admin, String topic) throws Exception {
    ConfigResource resource = new ConfigResource(ConfigResource.Type.TOPIC, topic);
    return java.util.Objects.requireNonNull(
        admin.describeConfigs(List.of(resource)).all().get().get(resource));
  }

  private static String value(Config config, String name) {
    return java.util.Objects.requireNonNull(config.get(name)).value();
  }
}
