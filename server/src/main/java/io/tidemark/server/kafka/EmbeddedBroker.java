package io.tidemark.server.kafka;

import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import kafka.server.KafkaConfig;
import kafka.server.KafkaRaftServer;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.utils.Exit;
import org.apache.kafka.common.utils.Time;
import org.apache.kafka.metadata.storage.Formatter;
import org.apache.kafka.server.common.Feature;
import org.apache.kafka.server.common.MetadataVersion;
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

  private EmbeddedBroker(KafkaRaftServer server, String bootstrap) {
    this.server = server;
    this.bootstrap = bootstrap;
  }

  /// Starts the broker; when this returns it serves.
  ///
  /// @param folder where its data is, or will be; made where it is missing
  /// @param port where it listens on the loopback address, or [#ANY_PORT]
  /// @param sync when its log is forced to the disk
  /// @throws IOException where it cannot start; the message says why
  public static EmbeddedBroker start(Path folder, int port, Sync sync) throws IOException {
    Files.createDirectories(folder);
    for (int attempt = 1; ; attempt++) {
      int chosen = port == ANY_PORT ? freePort() : port;
      Map<String, String> settings = BrokerSettings.of(folder, chosen, freePort(), sync);
      format(folder);
      KafkaRaftServer server = new KafkaRaftServer(new KafkaConfig(settings, false), Time.SYSTEM);
      try {
        server.startup();
        String bootstrap = BrokerSettings.HOST + ":" + chosen;
        log.info("embedded broker serves at {}, data in {}", bootstrap, folder);
        return new EmbeddedBroker(server, bootstrap);
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

  /// Where clients connect, as `host:port`.
  public String bootstrap() {
    return bootstrap;
  }

  @Override
  public void close() {
    server.shutdown();
    server.awaitShutdown();
  }

  /// Makes the folder a broker's where it is not yet one; the cluster's id then stays for good.
  private static void format(Path folder) throws IOException {
    if (Files.exists(folder.resolve("meta.properties"))) {
      return;
    }
    try (PrintStream quiet =
        new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8)) {
      new Formatter()
          .setPrintStream(quiet)
          .setClusterId(Uuid.randomUuid().toString())
          .setNodeId(BrokerSettings.NODE_ID)
          .setDirectories(List.of(folder.toString()))
          .setMetadataLogDirectory(folder.toString())
          .setControllerListenerName(BrokerSettings.CONTROLLER)
          .setSupportedFeatures(Feature.PRODUCTION_FEATURES)
          .setReleaseVersion(MetadataVersion.LATEST_PRODUCTION)
          .setIgnoreFormatted(true)
          .run();
    } catch (Exception e) {
      throw new IOException("cannot prepare " + folder + " for the embedded broker", e);
    }
  }

  private static boolean isBindFailure(Throwable thrown) {
    for (Throwable t = thrown; t != null; t = t.getCause()) {
      if (t instanceof java.net.BindException) {
        return true;
      }
    }
    return false;
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket()) {
      socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
      return socket.getLocalPort();
    }
  }
}
