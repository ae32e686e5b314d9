package io.tidemark.server.node;

import io.tidemark.app.Catalog;
import io.tidemark.query.Snapshots;
import io.tidemark.query.SqlShards;
import io.tidemark.server.sql.DuckSql;
import io.tidemark.server.sql.SqlOptions;
import io.tidemark.server.yaml.Sizes;
import java.util.List;

/// What SQL may take of a node.
public final class SqlSetup {
  /// Queries at a time: each may take all cores and a good part of the memory.
  static final int QUESTIONS = 3;

  private static final long TEMPORARY_BYTES = 4L << 30;

  /// An answer in a file, until its client has read it.
  private static final long ANSWER_BYTES = 64L << 20;

  /// What other nodes send, and what is made for them, until the question has been answered.
  private static final long EXCERPT_BYTES = 4L << 30;

  /// Less is too little for nearly anything.
  private static final long LEAST_MEMORY_BYTES = 128L << 20;

  /// What SQL may have where nothing is said.
  public static final String DEFAULT_MEMORY = "512MiB";

  private SqlSetup() {}

  /// Reads what is said of memory on the command line, in bytes.
  ///
  /// @throws IllegalArgumentException where it makes no sense; the message says why, for a person
  public static long parseMemory(String size) {
    return Sizes.parse(size)
        .filter(bytes -> bytes >= LEAST_MEMORY_BYTES)
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "it can be 128MiB or more, as 2GiB, not '%s'".formatted(size)));
  }

  static DuckSql engine(
      NodeConfig config, Catalog catalog, SqlShards everywhere, Snapshots here, DataFolder data) {
    return new DuckSql(
        catalog,
        everywhere,
        here,
        new SqlOptions(
            data.resolve("temporary").resolve("sql"),
            List.of(data.resolve("shards"), Archives.files(data)),
            config.sqlMemoryBytes(),
            TEMPORARY_BYTES,
            ANSWER_BYTES,
            EXCERPT_BYTES,
            Runtime.getRuntime().availableProcessors(),
            QUESTIONS));
  }
}
