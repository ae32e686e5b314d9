package io.tidemark.server.kafka;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemark.ingest.EventLog.Appended;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.LongStream;
import javax.management.JMException;
import javax.management.ObjectName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class EmbeddedBrokerIT {
  @TempDir Path folder;

  @Test
  void goesOnWhereItWasOnAnotherPort() throws Exception {
    String first;
    try (EmbeddedBroker broker =
        EmbeddedBroker.start(folder, EmbeddedBroker.ANY_PORT, Sync.INTERVAL)) {
      first = broker.bootstrap();
      Streams.topics(first).ensure(List.of(Streams.stream("things", 2)));
      assertThat(append(first, 10).offsets()).containsExactly(0, 0, 1, 1, 2, 2, 3, 3, 4, 4);
    }
    String meta = Files.readString(folder.resolve("meta.properties"));

    // Whoever has the port now must not matter.
    try (ServerSocket other = new ServerSocket(port(first), 1, InetAddress.getLoopbackAddress());
        EmbeddedBroker broker =
            EmbeddedBroker.start(folder, EmbeddedBroker.ANY_PORT, Sync.INTERVAL)) {
      assertThat(other.getLocalPort()).isNotEqualTo(port(broker.bootstrap()));
      Streams.topics(broker.bootstrap()).ensure(List.of(Streams.stream("things", 2)));
      assertThat(append(broker.bootstrap(), 4).offsets()).containsExactly(5, 5, 6, 6);
    }
    assertThat(clusterId(Files.readString(folder.resolve("meta.properties"))))
        .isEqualTo(clusterId(meta));
  }

  @Test
  void losesNothingWhenItsProcessIsKilled() throws Exception {
    int appended = 0;
    for (int round = 0; round < 3; round++) {
      try (BrokerProcess broker = BrokerProcess.start(folder, EmbeddedBroker.ANY_PORT)) {
        String bootstrap = broker.bootstrap();
        Streams.topics(bootstrap).ensure(List.of(Streams.stream("things", 1)));
        long[] offsets = append(bootstrap, 1000).offsets();
        long first = appended;
        assertThat(offsets).containsExactly(LongStream.range(first, first + 1000).toArray());
        appended += 1000;
      }
    }
    long start = System.nanoTime();
    try (EmbeddedBroker broker =
        EmbeddedBroker.start(folder, EmbeddedBroker.ANY_PORT, Sync.INTERVAL)) {
      Streams.topics(broker.bootstrap()).ensure(List.of(Streams.stream("things", 1)));
      assertThat(append(broker.bootstrap(), 1).offsets()).containsExactly(appended);
    }
    assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(15));
  }

  @ParameterizedTest
  @EnumSource(Sync.class)
  void forcesItsLogToTheDiskBeforeAcknowledgementsWhereItIsToldTo(Sync sync) throws Exception {
    try (EmbeddedBroker broker = EmbeddedBroker.start(folder, EmbeddedBroker.ANY_PORT, sync);
        KafkaEventLog log =
            new KafkaEventLog(
                broker.bootstrap(),
                KafkaEventLog.Compression.NONE,
                UnaryOperator.identity(),
                _ -> {})) {
      Streams.topics(broker.bootstrap()).ensure(List.of(Streams.stream("things", 1)));
      long first = flushes();
      for (int i = 0; i < 20; i++) {
        long before = flushes();
        assertThat(log.append("things", Streams.entries(1, 1)).offsets()).containsExactly(i);
        if (sync == Sync.ALWAYS) {
          assertThat(flushes()).isGreaterThan(before);
        }
      }
      if (sync == Sync.OS) {
        // The count has those of the metadata, too, of which a last one may come late.
        assertThat(flushes() - first).isLessThan(20);
      }
    }
  }

  /// How often a broker of this process has forced a log to the disk, as it counts itself.
  private static long flushes() throws JMException {
    ObjectName timer = new ObjectName("kafka.log:type=LogFlushStats,name=LogFlushRateAndTimeMs");
    return (long) ManagementFactory.getPlatformMBeanServer().getAttribute(timer, "Count");
  }

  @Test
  void saysWhichPortItCannotHave() throws Exception {
    try (ServerSocket other = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      assertThatThrownBy(
              () -> EmbeddedBroker.start(folder, other.getLocalPort(), Sync.INTERVAL).close())
          .isInstanceOf(IOException.class)
          .hasMessageContaining("cannot start on port " + other.getLocalPort());
    }
  }

  private static Appended append(String bootstrap, int count) {
    try (KafkaEventLog log =
        new KafkaEventLog(
            bootstrap, KafkaEventLog.Compression.NONE, UnaryOperator.identity(), _ -> {})) {
      int partitions = count == 10 || count == 4 ? 2 : 1;
      return log.append("things", Streams.entries(count, partitions));
    }
  }

  private static int port(String bootstrap) {
    return Integer.parseInt(bootstrap.substring(bootstrap.indexOf(':') + 1));
  }

  private static String clusterId(String meta) {
    return meta.lines().filter(l -> l.startsWith("cluster.id=")).findFirst().orElseThrow();
  }
}
