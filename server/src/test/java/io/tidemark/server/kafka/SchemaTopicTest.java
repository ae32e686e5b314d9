package io.tidemark.server.kafka;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.MockConsumer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Test;

/// Reading the topic of schemas through Kafka's own fake of a consumer.
class SchemaTopicTest {
  private static final TopicPartition PARTITION = new TopicPartition(SchemaTopic.NAME, 0);

  private final MockConsumer<byte[], byte[]> consumer = new MockConsumer<>("earliest");

  private void add(int offset) {
    consumer.addRecord(
        new ConsumerRecord<>(SchemaTopic.NAME, 0, offset, new byte[0], new byte[] {(byte) offset}));
  }

  @Test
  void whatWasReadBeforeAFailureIsReadAgain() throws IOException {
    consumer.updateBeginningOffsets(Map.of(PARTITION, 0L));
    consumer.updateEndOffsets(Map.of(PARTITION, 2L));
    try (SchemaTopic topic = new SchemaTopic("", Duration.ofSeconds(10), consumer)) {
      consumer.schedulePollTask(() -> add(0));
      consumer.schedulePollTask(() -> consumer.setPollException(new KafkaException("away")));
      assertThatThrownBy(topic::read).isInstanceOf(IOException.class).hasMessageContaining("away");
      add(0);
      add(1);
      assertThat(topic.read()).containsExactly(new byte[] {0}, new byte[] {1});
      assertThat(topic.read()).isEmpty();
    }
  }
}
