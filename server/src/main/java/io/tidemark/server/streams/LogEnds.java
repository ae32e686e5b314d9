package io.tidemark.server.streams;

import io.tidemark.log.StreamPartition;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.UnaryOperator;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListOffsetsResult.ListOffsetsResultInfo;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.common.TopicPartition;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Looks once a second, or sooner where somebody asks for it, how far the logs of hosted shards
/// reach.
final class LogEnds implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(LogEnds.class);
  private static final long EVERY_MS = 1000;
  private static final long PATIENCE_MS = 5000;

  private final Admin admin;
  private final UnaryOperator<String> topicOf;
  private final Registry registry;
  private final InstantSource clock;
  private final Semaphore wanted = new Semaphore(0);
  private final Thread thread;
  private volatile boolean closing;
  private volatile String trouble = "";

  LogEnds(Admin admin, UnaryOperator<String> topicOf, Registry registry, InstantSource clock) {
    this.admin = admin;
    this.topicOf = topicOf;
    this.registry = registry;
    this.clock = clock;
    this.thread = Thread.ofPlatform().name("tidemark-log-ends").daemon().unstarted(this::run);
  }

  void start() {
    thread.start();
  }

  void lookSoon() {
    wanted.release();
  }

  /// Why the logs cannot be looked at; empty where they can.
  String trouble() {
    return trouble;
  }

  private void run() {
    try {
      while (!closing) {
        boolean asked = wanted.tryAcquire(EVERY_MS, TimeUnit.MILLISECONDS);
        if (asked) {
          wanted.drainPermits();
        }
        look();
      }
    } catch (InterruptedException _) {
      // Closing.
    }
  }

  private void look() throws InterruptedException {
    Map<TopicPartition, OffsetSpec> request = new HashMap<>();
    Map<HostedShard, Progress.Before> before = new HashMap<>();
    for (HostedShard shard : registry.all()) {
      request.put(partitionOf(shard.id()), OffsetSpec.latest());
      before.put(shard, shard.progress().before(shard.next()));
    }
    if (request.isEmpty()) {
      return;
    }
    long askedAt = clock.millis();
    try {
      Map<TopicPartition, ListOffsetsResultInfo> ends =
          admin.listOffsets(request).all().get(PATIENCE_MS, TimeUnit.MILLISECONDS);
      before.forEach(
          (shard, then) -> {
            ListOffsetsResultInfo end = ends.get(partitionOf(shard.id()));
            if (end != null) {
              shard.progress().look(end.offset(), then, askedAt).ifPresent(shard::damaged);
            }
          });
      if (!trouble.isEmpty()) {
        log.info("the log can be reached again");
      }
      trouble = "";
    } catch (ExecutionException | TimeoutException e) {
      Throwable cause = e.getCause() == null ? e : e.getCause();
      if (trouble.isEmpty()) {
        log.warn("the log cannot be reached: {}", cause.toString());
      }
      trouble = "the log cannot be reached: " + cause;
    }
  }

  private TopicPartition partitionOf(StreamPartition id) {
    return new TopicPartition(topicOf.apply(id.stream()), id.partition());
  }

  @Override
  public void close() {
    closing = true;
    thread.interrupt();
  }
}
