package io.tidemark.server.node;

import io.tidemark.archive.ArchiveAddress;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/// How a node is to run.
///
/// @param apps the apps' folders
/// @param host where to serve HTTP
/// @param port where to serve HTTP; 0: any that is free
/// @param advertise HOST:PORT at which other nodes reach this one; empty: where HTTP is served
/// @param data where everything is kept
/// @param kafka brokers, as HOST:PORT,…; empty: one in this process
/// @param sync when a broker in this process forces its log to the disk: always, interval or os;
///   empty: interval
/// @param standbys on how many further nodes each shard is kept up to date; empty: one
/// @param archive where older events go; empty: nowhere
/// @param sqlMemoryBytes what all queries in SQL together may have of memory
/// @param checkAnswers whether contracts compare their answers with the bodies of queries
public record NodeConfig(
    List<Path> apps,
    String host,
    int port,
    Optional<String> advertise,
    Path data,
    Optional<String> kafka,
    Optional<String> sync,
    Optional<Integer> standbys,
    Optional<Archive> archive,
    long sqlMemoryBytes,
    boolean checkAnswers) {
  /// @param cacheBytes room for files of it that are read
  public record Archive(ArchiveAddress address, long cacheBytes) {}

  public NodeConfig {
    apps = List.copyOf(apps);
  }
}
