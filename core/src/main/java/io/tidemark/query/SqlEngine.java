package io.tidemark.query;

import java.io.IOException;

/// Port: answers SQL over streams and rollups.
@FunctionalInterface
public interface SqlEngine {
  /// Answers a question; blocks. An interrupted caller ends it.
  ///
  /// @param format of the rows; a plan is JSON at any rate
  /// @throws SqlRefusedException where the question is at fault
  /// @throws IOException where the node is, and where the caller was interrupted
  SqlAnswer answer(SqlQuestion question, SqlFormat format, Queries.After after)
      throws SqlRefusedException,
          Shards.NotVisibleException,
          Shards.UnavailableException,
          IOException;
}
