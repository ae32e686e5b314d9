package io.tidemark.server.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.ingest.EventLog.Appended;
import io.tidemark.ingest.EventLog.Entry;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class KafkaEventLogIT {
  @TempDir Path folder;

  @Test
  void eachEntryHasItsOwnOutcome() throws Exception {
    AtomicLong slowest = new AtomicLong();
    try (EmbeddedBroker broker =
            EmbeddedBroker.start(folder, EmbeddedBroker.ANY_PORT, Sync.INTERVAL);
        KafkaEventLog log =
            new KafkaEventLog(
                broker.bootstrap(),
                KafkaEventLog.Compression.NONE,
                UnaryOperator.identity(),
                nanos -> slowest.accumulateAndGet(nanos, Math::max))) {
      Streams.topics(broker.bootstrap()).ensure(List.of(Streams.stream("things", 1)));
      byte[] key = {};
      Appended appended =
          log.append(
              "things",
              List.of(
                  new Entry(0, 0, key, new byte[10]),
                  new Entry(1, 0, key, new byte[TopicSettings.MAX_MESSAGE_BYTES + 1]),
                  new Entry(2, 0, key, new byte[10])));
      assertThat(appended.offsets()).containsExactly(0, Appended.FAILED, 1);
      assertThat(appended.failure()).startsWith("too large for the log: ");
      assertThat(slowest.get()).isPositive();
    }
  }

  @Test
  void manyThreadsGetEachOffsetOnce() throws Exception {
    int threads = 200;
    int each = 50;
    try (EmbeddedBroker broker =
            EmbeddedBroker.start(folder, EmbeddedBroker.ANY_PORT, Sync.INTERVAL);
        KafkaEventLog log =
            new KafkaEventLog(
                broker.bootstrap(),
                KafkaEventLog.Compression.NONE,
                UnaryOperator.identity(),
                _ -> {});
        var executor = Executors.newVirtualThreadPerTaskExecutor()) {
      Streams.topics(broker.bootstrap()).ensure(List.of(Streams.stream("things", 1)));
      List<Future<Appended>> futures = new ArrayList<>();
      for (int i = 0; i < threads; i++) {
        futures.add(executor.submit(() -> log.append("things", Streams.entries(each, 1))));
      }
      Set<Long> offsets = new HashSet<>();
      for (Future<Appended> future : futures) {
        assertThat(future.get().failure()).isEmpty();
        Arrays.stream(future.get().offsets()).forEach(offsets::add);
      }
      assertThat(offsets).hasSize(threads * each).doesNotContain(Appended.FAILED);
    }
  }

  @Test
  void saysThatTheBrokerIsAway() {
    try (KafkaEventLog log =
        new KafkaEventLog(
            "127.0.0.1:1", KafkaEventLog.Compression.NONE, UnaryOperator.identity(), _ -> {})) {
      Appended appended = log.append("things", Streams.entries(1, 1));
      assertThat(appended.offsets()).containsExactly(Appended.FAILED);
      assertThat(appended.failure()).contains("is the broker away?");
    }
  }
}
