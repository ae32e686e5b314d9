package io.tidemark.server.streams;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.app.StreamSpec;
import io.tidemark.ingest.EventLog;
import io.tidemark.log.Mark;
import io.tidemark.log.StreamPartition;
import io.tidemark.server.kafka.EmbeddedBroker;
import io.tidemark.server.kafka.KafkaEventLog;
import io.tidemark.server.kafka.Sync;
import io.tidemark.server.kafka.Topics;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.function.UnaryOperator;

/// A broker with the topic of [Readings], and who appends to it.
final class TestLog implements AutoCloseable {
  final StreamSpec stream;
  private final Path folder;
  private EmbeddedBroker broker;
  private final KafkaEventLog log;
  private long appended;
  private Mark mark = Mark.NONE;

  TestLog(Path folder, StreamSpec stream) throws Exception {
    this.stream = stream;
    this.folder = folder;
    this.broker = EmbeddedBroker.start(folder, EmbeddedBroker.ANY_PORT, Sync.INTERVAL);
    new Topics(broker.bootstrap(), "", OptionalInt.of(1), Duration.ofSeconds(20))
        .ensure(List.of(stream));
    this.log =
        new KafkaEventLog(
            broker.bootstrap(), KafkaEventLog.Compression.LZ4, UnaryOperator.identity(), _ -> {});
  }

  String bootstrap() {
    return broker.bootstrap();
  }

  long appended() {
    return appended;
  }

  Mark mark() {
    return mark;
  }

  /// The readings that have been appended, in total.
  TestNode.Totals totals() {
    return new TestNode.Totals(appended, Readings.sumOf(appended));
  }

  /// Appends the next readings, in requests of a thousand.
  void append(int count) {
    for (int done = 0; done < count; done += 1000) {
      append(Readings.entries(appended, Math.min(1000, count - done), stream.partitions()));
    }
  }

  /// Appends a reading of the newer shape to a partition.
  void appendNewer(int partition) {
    EventLog.Appended result = log.append(Readings.STREAM, List.of(Readings.newer(partition)));
    assertThat(result.offsets()[0]).as(result.failure()).isNotNegative();
  }

  private void append(List<EventLog.Entry> entries) {
    List<EventLog.Entry> left = entries;
    long deadline = System.nanoTime() + Duration.ofSeconds(60).toNanos();
    while (!left.isEmpty()) {
      EventLog.Appended result = log.append(Readings.STREAM, left);
      List<EventLog.Entry> failed = new ArrayList<>();
      Map<StreamPartition, Long> next = new HashMap<>();
      for (int i = 0; i < left.size(); i++) {
        long offset = result.offsets()[i];
        if (offset == EventLog.Appended.FAILED) {
          failed.add(left.get(i));
        } else {
          StreamPartition id = new StreamPartition(Readings.STREAM, left.get(i).partition());
          next.merge(id, offset + 1, Math::max);
        }
      }
      mark = mark.and(new Mark(next));
      assertThat(System.nanoTime()).as(result.failure()).isLessThan(deadline);
      left = failed;
    }
    appended += entries.size();
  }

  /// Stops the broker and starts it again on the same port.
  void restart() throws Exception {
    int port = Integer.parseInt(bootstrap().substring(bootstrap().indexOf(':') + 1));
    broker.close();
    broker = EmbeddedBroker.start(folder, port, Sync.INTERVAL);
  }

  @Override
  public void close() {
    log.close();
    broker.close();
  }
}
