package io.tidemark.server.cli;

import io.tidemark.server.node.Archives;
import io.tidemark.server.node.NodeConfig;
import io.tidemark.server.node.SqlSetup;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Option;

/// Options of the commands that start a node.
final class NodeOptions {
  @Option(
      names = "--http",
      paramLabel = "HOST:PORT",
      defaultValue = "127.0.0.1:8080",
      description = {
        "Where to serve HTTP (default: ${DEFAULT-VALUE}).",
        "Port 0: any that is free."
      })
  private String http = "";

  @Option(
      names = "--check-answers",
      description = {
        "Contracts compare their answers with the bodies of queries,",
        "log differences and count them."
      })
  private boolean checkAnswers;

  @Option(
      names = "--kafka",
      paramLabel = "HOST:PORT,…",
      description = "Use these Kafka brokers rather than one in this process.")
  private Optional<String> kafka = Optional.empty();

  @Option(
      names = "--sync",
      paramLabel = "always|interval|os",
      description = {
        "When the broker in this process forces its log to the disk:",
        "before each acknowledgement, each second (the default),",
        "or when the operating system does."
      })
  private Optional<String> sync = Optional.empty();

  @Option(
      names = "--advertise",
      paramLabel = "HOST:PORT",
      description = {
        "The address at which other nodes reach this one;",
        "needed beside --kafka if it is not that of --http."
      })
  private Optional<String> advertise = Optional.empty();

  @Option(
      names = "--standbys",
      paramLabel = "N",
      description = {
        "Beside --kafka: on how many further nodes each shard is kept up to date,",
        "to take over at once (default: 1). The same for all nodes."
      })
  private Optional<Integer> standbys = Optional.empty();

  @Option(
      names = "--archive",
      paramLabel = "s3://BUCKET/PREFIX|DIR",
      description = {
        "Where the older events of streams with retain: {hot: …, archive: …} go.",
        "For S3, credentials and region as other AWS tools find them;",
        "AWS_ENDPOINT_URL_S3 for other S3 services. The same for all nodes."
      })
  private Optional<String> archive = Optional.empty();

  @Option(
      names = "--archive-cache",
      paramLabel = "SIZE",
      defaultValue = "4GiB",
      description = "Room for files of the archive that are read (default: ${DEFAULT-VALUE}).")
  private String archiveCache = "4GiB";

  @Option(
      names = "--sql-memory",
      paramLabel = "SIZE",
      defaultValue = SqlSetup.DEFAULT_MEMORY,
      description = "What queries in SQL may have of memory, together (default: ${DEFAULT-VALUE}).")
  private String sqlMemory = SqlSetup.DEFAULT_MEMORY;

  /// @param apps the apps' folders
  /// @param data where everything is kept
  NodeConfig config(List<Path> apps, Path data) throws CommandException {
    String host = http.substring(0, colon());
    return new NodeConfig(
        apps,
        host,
        port(),
        advertise,
        data,
        kafka,
        sync,
        standbys,
        archive(),
        sqlMemory(),
        checkAnswers);
  }

  private long sqlMemory() throws CommandException {
    try {
      return SqlSetup.parseMemory(sqlMemory);
    } catch (IllegalArgumentException e) {
      throw new CommandException("--sql-memory: " + e.getMessage());
    }
  }

  private Optional<NodeConfig.Archive> archive() throws CommandException {
    if (archive.isEmpty()) {
      return Optional.empty();
    }
    try {
      return Optional.of(Archives.parse(archive.get(), archiveCache));
    } catch (IllegalArgumentException e) {
      throw new CommandException("--archive: " + e.getMessage());
    }
  }

  private int port() throws CommandException {
    try {
      int port = Integer.parseInt(http.substring(colon() + 1));
      if (port >= 0 && port <= 65535) {
        return port;
      }
    } catch (NumberFormatException _) {
      // said below
    }
    throw wrong();
  }

  private int colon() throws CommandException {
    int colon = http.lastIndexOf(':');
    if (colon < 1) {
      throw wrong();
    }
    return colon;
  }

  private CommandException wrong() {
    return new CommandException("--http " + http + ": write HOST:PORT, as in 127.0.0.1:8080");
  }
}
