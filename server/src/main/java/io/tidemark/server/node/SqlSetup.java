package io.tidemark.server.node;

import io.tidemark.app.Catalog;
import io.tidemark.query.Snapshots;
import io.tidemark.query.SqlShards;
import io.tidemark.server.sql.DuckSql;
import io.tidemark.server.sql.SqlOptions;
import java.util.List;

/// What SQL may take of a node.
final class SqlSetup {
  /// Queries at a time: each may take all cores and a good part of the memory.
  static final int QUESTIONS = 3;

  private static final long MEMORY_BYTES = 512L << 20;
  private static final long TEMPORARY_BYTES = 4L << 30;

  /// An answer in a file, until its client has read it.
  private static final long ANSWER_BYTES = 64L << 20;

  /// What other nodes send, and what is made for them, until the question has been answered.
  private static final long EXCERPT_BYTES = 4L << 30;

  private SqlSetup() {}

  static DuckSql engine(Catalog catalog, SqlShards everywhere, Snapshots here, DataFolder data) {
    return new DuckSql(
        catalog,
        everywhere,
        here,
        new SqlOptions(
            data.resolve("temporary").resolve("sql"),
            List.of(data.resolve("shards"), Archives.files(data)),
            MEMORY_BYTES,
            TEMPORARY_BYTES,
            ANSWER_BYTES,
            EXCERPT_BYTES,
            Runtime.getRuntime().availableProcessors(),
            QUESTIONS));
  }
}
