package io.tidemark.server.sql;

import io.tidemark.query.SqlRefusedException;
import io.tidemark.query.SqlRefusedException.Reason;
import java.io.IOException;
import java.sql.SQLException;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// What DuckDB complains about, in terms of who is at fault.
final class SqlFailures {
  /// What looks like the path of a file is nobody's business.
  private static final Pattern PATH = Pattern.compile("(/[\\w.-]+){2,}/?");

  private static final int MAX_MESSAGE = 2_000;

  private static final Logger LOG = LoggerFactory.getLogger(SqlFailures.class);

  private SqlFailures() {}

  /// What to tell whoever asked.
  ///
  /// @throws IOException where the node is at fault
  static SqlRefusedException refusal(SQLException e) throws IOException {
    String message = String.valueOf(e.getMessage());
    int colon = message.indexOf(" Error: ");
    String kind = colon < 0 ? "" : message.substring(0, colon);
    Reason reason =
        switch (kind) {
          case "Parser",
              "Syntax",
              "Binder",
              "Catalog",
              "Not implemented",
              "Parameter Not Resolved",
              "Parameter Not Allowed",
              "Mismatch Type",
              "Invalid Type" ->
              Reason.BAD_SQL;
          case "Permission" -> Reason.NOT_ALLOWED;
          case "Out of Memory" -> Reason.TOO_MUCH_MEMORY;
          case "INTERNAL", "FATAL" -> {
            LOG.error("DuckDB has failed", e);
            yield Reason.FAILED;
          }
          case "IO", "Interrupt", "" -> throw new IOException("DuckDB: " + message, e);
          default -> Reason.FAILED;
        };
    if (reason == Reason.TOO_MUCH_MEMORY) {
      return new SqlRefusedException(
          reason,
          "the query takes more memory than it may; narrow _time, select fewer columns, group by less, or give the node more --sql-memory");
    }
    return new SqlRefusedException(reason, cleaned(message));
  }

  /// Whether a file that is read may be the reason.
  static boolean mayBeOfFiles(SQLException e) {
    String message = String.valueOf(e.getMessage());
    return message.contains("arquet") && !message.startsWith("Conversion");
  }

  static String cleaned(String message) {
    String clean = withoutPaths(message).strip();
    return clean.length() <= MAX_MESSAGE ? clean : clean.substring(0, MAX_MESSAGE) + "…";
  }

  static String withoutPaths(String text) {
    return PATH.matcher(text).replaceAll("…");
  }
}
