package io.tidemark.server.http;

import io.tidemark.query.SqlRefusedException;
import io.tidemark.query.SqlRefusedException.Reason;
import java.util.Collection;
import java.util.Optional;

/// Why SQL cannot be answered, as problem documents, and what another node says of its part.
public final class SqlProblems {
  private SqlProblems() {}

  /// @param tables the names of all tables
  static Problem of(SqlRefusedException e, Collection<String> tables) {
    String message = String.valueOf(e.getMessage());
    Problem problem =
        switch (e.reason()) {
          case BAD_SQL -> new Problem(400, "bad-sql", message);
          case NOT_ALLOWED -> new Problem(403, "sql-not-allowed", message);
          case UNKNOWN_TABLE ->
              Problem.notFound("no table " + message + "; " + Near.hint(message, tables));
          case BAD_PARAMETER -> Problem.parameter(SqlRequest.PARAMETERS, message);
          case FAILED -> new Problem(422, "sql-failed", message);
          case TOO_MANY_ROWS -> new Problem(422, "too-many-rows", message);
          case TOO_LARGE -> new Problem(422, "answer-too-large", message);
          case TOO_MUCH_MEMORY -> new Problem(422, "too-much-memory", message);
          case ARCHIVE_TOO_LARGE -> new Problem(422, "archive-too-large", message);
          case TOO_SLOW -> new Problem(422, "sql-too-slow", message);
        };
    e.position().ifPresent(at -> problem.with("position", at));
    return problem;
  }

  /// Of the limits that a question can meet on another node the one that a problem is about.
  ///
  /// @param type of the problem, as its document has it
  public static Optional<Reason> limit(String type) {
    return switch (type.substring(type.lastIndexOf(':') + 1)) {
      case "too-much-memory" -> Optional.of(Reason.TOO_MUCH_MEMORY);
      case "archive-too-large" -> Optional.of(Reason.ARCHIVE_TOO_LARGE);
      case "sql-too-slow" -> Optional.of(Reason.TOO_SLOW);
      default -> Optional.empty();
    };
  }
}
