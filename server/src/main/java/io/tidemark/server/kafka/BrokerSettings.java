package io.tidemark.server.kafka;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/// The configuration of a broker that has a process to share and nobody to replicate to.
final class BrokerSettings {
  static final int NODE_ID = 1;
  static final String CONTROLLER = "CONTROLLER";
  static final String HOST = "127.0.0.1";

  private BrokerSettings() {}

  static Map<String, String> of(Path folder, int port, int controllerPort, Sync sync) {
    Map<String, String> settings = new HashMap<>();
    addresses(settings, port, controllerPort);
    disk(settings, folder);
    settings.putAll(sync.settings());
    memoryAndThreads(settings);
    groups(settings);
    return settings;
  }

  /// Everything that names a port is given anew at each start, so ports may change: voters are
  /// static, so the metadata log knows none of their addresses.
  private static void addresses(Map<String, String> s, int port, int controllerPort) {
    s.put("process.roles", "broker,controller");
    s.put("node.id", Integer.toString(NODE_ID));
    s.put("controller.listener.names", CONTROLLER);
    s.put("inter.broker.listener.name", "LOG");
    s.put("listener.security.protocol.map", "LOG:PLAINTEXT," + CONTROLLER + ":PLAINTEXT");
    s.put(
        "listeners",
        "LOG://%s:%d,%s://%1$s:%4$d".formatted(HOST, port, CONTROLLER, controllerPort));
    s.put("advertised.listeners", "LOG://%s:%d".formatted(HOST, port));
    s.put("controller.quorum.voters", "%d@%s:%d".formatted(NODE_ID, HOST, controllerPort));
    // The last run's registration must lapse before this one's is taken; the default is 9 s.
    // Shorter than this, a machine that is short of processor time takes the broker for dead.
    s.put("broker.session.timeout.ms", "2000");
    s.put("broker.heartbeat.interval.ms", "500");
    // There is nobody to hand leadership to.
    s.put("controlled.shutdown.enable", "false");
  }

  private static void disk(Map<String, String> s, Path folder) {
    s.put("log.dirs", folder.toString());
    s.put("auto.create.topics.enable", "false");
    s.put("default.replication.factor", "1");
    s.put("min.insync.replicas", "1");
    s.put("log.flush.offset.checkpoint.interval.ms", "5000");
    s.put("log.flush.start.offset.checkpoint.interval.ms", "5000");
    // What deleteRecords has released is gone from the disk after at most about 7 s.
    s.put("log.retention.check.interval.ms", "5000");
    s.put("log.initial.task.delay.ms", "5000");
    s.put("log.segment.delete.delay.ms", "1000");
    s.put("num.recovery.threads.per.data.dir", "2");
    s.put("log.index.size.max.bytes", "1048576");
    // The metadata of one machine is small; the default segments of 1 GiB are for large ones.
    s.put("metadata.log.segment.bytes", "8388608");
    s.put("metadata.max.retention.bytes", "33554432");
    s.put("metadata.log.max.record.bytes.between.snapshots", "4194304");
    // No no-op record each half second: an idle node shall write nothing.
    s.put("metadata.max.idle.interval.ms", "0");
  }

  private static void memoryAndThreads(Map<String, String> s) {
    s.put("num.network.threads", "2");
    s.put("num.io.threads", "4");
    s.put("background.threads", "2");
    s.put("log.cleaner.threads", "1");
    s.put("log.cleaner.dedupe.buffer.size", "16777216");
    s.put("queued.max.requests", "64");
    s.put("message.max.bytes", Integer.toString(TopicSettings.MAX_MESSAGE_BYTES));
    s.put("group.coordinator.threads", "1");
    s.put("group.coordinator.background.threads", "1");
  }

  private static void groups(Map<String, String> s) {
    s.put("offsets.topic.replication.factor", "1");
    s.put("offsets.topic.num.partitions", "1");
    s.put("offsets.topic.segment.bytes", "4194304");
    // Ten years: a node that was off for a month goes on where it was.
    s.put("offsets.retention.minutes", "5256000");
    s.put("transaction.state.log.replication.factor", "1");
    s.put("transaction.state.log.min.isr", "1");
    s.put("transaction.state.log.num.partitions", "1");
    s.put("share.coordinator.state.topic.replication.factor", "1");
    s.put("share.coordinator.state.topic.min.isr", "1");
    s.put("share.coordinator.state.topic.num.partitions", "1");
    s.put("group.initial.rebalance.delay.ms", "0");
    s.put("group.min.session.timeout.ms", "500");
  }
}
