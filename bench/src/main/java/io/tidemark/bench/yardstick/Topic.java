package io.tidemark.bench.yardstick;

import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.TopicConfig;

/// A topic with as many partitions as the app's stream has.
public final class Topic {
  private static final int PARTITIONS = 8;

  private Topic() {}

  /// Makes a topic, and waits until its leaders know of it.
  public static void make(String bootstrap, String name)
      throws ExecutionException, InterruptedException {
    try (Admin admin = Admin.create(Map.of("bootstrap.servers", bootstrap))) {
      // The broker deletes by the records' times, and these have been over for years.
      NewTopic topic =
          new NewTopic(name, PARTITIONS, (short) 1)
              .configs(Map.of(TopicConfig.RETENTION_MS_CONFIG, "-1"));
      admin.createTopics(List.of(topic)).all().get();
      admin
          .listOffsets(
              IntStream.range(0, PARTITIONS)
                  .boxed()
                  .collect(
                      Collectors.toMap(p -> new TopicPartition(name, p), _ -> OffsetSpec.latest())))
          .all()
          .get();
    }
  }
}
