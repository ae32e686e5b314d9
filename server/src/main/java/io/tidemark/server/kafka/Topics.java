package io.tidemark.server.kafka;

import io.tidemark.app.StreamSpec;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.TopicPartition;

/// The topics of streams: makes those that are missing, checks and mends those that are there.
public final class Topics {
  private final String bootstrap;
  private final String prefix;
  private final OptionalInt replicas;
  private final Duration patience;

  /// @param bootstrap brokers as `host:port,…`
  /// @param prefix what topics' names have before the stream's name
  /// @param replicas how many a new topic gets; empty: what the brokers' default is
  /// @param patience how long to wait for the brokers in all
  public Topics(String bootstrap, String prefix, OptionalInt replicas, Duration patience) {
    this.bootstrap = bootstrap;
    this.prefix = prefix;
    this.replicas = replicas;
    this.patience = patience;
  }

  /// The name of a stream's topic.
  ///
  /// @param dataName see [StreamSpec#dataName]
  public String name(String dataName) {
    return prefix + dataName;
  }

  /// Makes sure that every stream has a topic that takes appends and forgets nothing by itself.
  ///
  /// @throws TopicException where one cannot be used, or the brokers are away
  public void ensure(Collection<StreamSpec> streams) throws TopicException, InterruptedException {
    try (TopicAdmin admin = new TopicAdmin(bootstrap, patience)) {
      Set<String> existing = admin.names();
      List<StreamSpec> there = new ArrayList<>();
      for (StreamSpec stream : streams) {
        if (existing.contains(name(stream.dataName())) || !admin.create(newTopic(stream))) {
          there.add(stream);
        }
      }
      check(there, admin);
      admin.awaitLeaders(streams.stream().flatMap(this::partitions).toList());
    }
  }

  private NewTopic newTopic(StreamSpec stream) {
    return new NewTopic(
            name(stream.dataName()),
            Optional.of(stream.partitions()),
            TopicSettings.replication(replicas))
        .configs(TopicSettings.forNew(stream));
  }

  private Stream<TopicPartition> partitions(StreamSpec stream) {
    return IntStream.range(0, stream.partitions())
        .mapToObj(p -> new TopicPartition(name(stream.dataName()), p));
  }

  private void check(List<StreamSpec> streams, TopicAdmin admin)
      throws TopicException, InterruptedException {
    Map<String, TopicDescription> topics =
        admin.describe(streams.stream().map(s -> name(s.dataName())).toList());
    for (StreamSpec stream : streams) {
      TopicDescription topic = topics.get(name(stream.dataName()));
      int there = topic == null ? 0 : topic.partitions().size();
      if (there != stream.partitions()) {
        throw new TopicException(
            ("topic %s has %d partitions, but stream %s declares %d; declare %d, or give the"
                    + " stream another name: keys would move between shards")
                .formatted(
                    name(stream.dataName()), there, stream.name(), stream.partitions(), there));
      }
      admin.mend(name(stream.dataName()), TopicSettings.required());
    }
  }
}
