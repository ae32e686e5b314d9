package io.tidemark.server.kafka;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.util.Map;
import kafka.server.KafkaConfig;
import kafka.server.KafkaRaftServer;
import org.apache.kafka.common.utils.Exit;
import org.apache.kafka.common.utils.Time;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The real broker, with its controller (KRaft), in this process and for this machine only.
///
/// Its data survives a kill of the process at any moment, and of the machine as far as [Sync] says.
/// Ports may differ from run to run.
public final class EmbeddedBroker implements AutoCloseable {
  /// Asks for a port that is free.
  public static final int ANY_PORT = 0;

  private static final Logger log = LoggerFactory.getLogger(EmbeddedBroker.class);

  /// Between choosing a free port and binding it somebody else may take it.
  private static final int ATTEMPTS = 3;

  private final KafkaRaftServer server;
  private final BrokerFolder folder;
  private final String bootstrap;

  static {
    // The broker ends the process, without a word, where its disk fails.
    Exit.setHaltProcedure(
        (status, message) -> {
          log.error(
              "the embedded broker has given up (see above; most often its disk is full or broken). "
                  + "Nothing that was acknowledged is lost: make room, and start the node again");
          Runtime.getRuntime().halt(status);
        });
  }

  private EmbeddedBroker(KafkaRaftServer server, BrokerFolder folder, String bootstrap) {
    this.server = server;
    this.folder = folder;
    this.bootstrap = bootstrap;
  }

  /// Starts the broker; when this returns it serves.
  ///
  /// @param folder where its data is, or will be; made where it is missing
  /// @param port where it listens on the loopback address, or [#ANY_PORT]
  /// @param sync when its log is forced to the disk
  /// @throws IOException where it cannot start; the message says why
  public static EmbeddedBroker start(Path folder, int port, Sync sync) throws IOException {
    new BrokerFolder(folder).format();
    for (int attempt = 1; ; attempt++) {
      int chosen = port == ANY_PORT ? freePort() : port;
      Map<String, String> settings = BrokerSettings.of(folder, chosen, freePortBut(chosen), sync);
      KafkaRaftServer server = open(folder, settings);
      try {
        server.startup();
        String bootstrap = BrokerSettings.HOST + ":" + chosen;
        log.info("embedded broker serves at {}, data in {}", bootstrap, folder);
        return new EmbeddedBroker(server, new BrokerFolder(folder), bootstrap);
      } catch (RuntimeException e) {
        server.shutdown();
        if (port != ANY_PORT || attempt == ATTEMPTS || !isBindFailure(e)) {
          throw new IOException(
              "the embedded broker cannot start on port %d with its data in %s: %s"
                  .formatted(chosen, folder, e.getMessage()),
              e);
        }
        log.info("port {} has been taken meanwhile, trying another", chosen);
      }
    }
  }

  private static KafkaRaftServer open(Path folder, Map<String, String> settings)
      throws IOException {
    try {
      return new KafkaRaftServer(new KafkaConfig(settings, false), Time.SYSTEM);
    } catch (RuntimeException e) {
      throw new IOException(
          "the embedded broker cannot read its data in %s: %s".formatted(folder, e.getMessage()),
          e);
    }
  }

  /// Where clients connect, as `host:port`.
  public String bootstrap() {
    return bootstrap;
  }

  /// Forces what a partition has acknowledged to the disk, whatever [Sync] says.
  public void force(String topic, int partition) throws IOException {
    folder.force(topic, partition);
  }

  @Override
  public void close() {
    server.shutdown();
    server.awaitShutdown();
  }

  private static boolean isBindFailure(Throwable thrown) {
    for (Throwable t = thrown; t != null; t = t.getCause()) {
      if (t instanceof java.net.BindException) {
        return true;
      }
    }
    return false;
  }

  /// A port that is free may be given again as long as nobody uses it.
  private static int freePortBut(int chosen) throws IOException {
    int port = freePort();
    while (port == chosen) {
      port = freePort();
    }
    return port;
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket()) {
      socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
      return socket.getLocalPort();
    }
  }
}
