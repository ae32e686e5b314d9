package io.tidemark.server.sql;

import io.tidemark.query.SqlRefusedException;
import io.tidemark.query.SqlRefusedException.Reason;
import java.io.IOException;
import java.sql.SQLException;
import java.util.regex.Pattern;

/// What DuckDB complains about, in terms of who is at fault.
final class SqlFailures {
  /// What looks like the path of a file is nobody's business.
  private static final Pattern PATH = Pattern.compile("(/[\\w.-]+){2,}/?");

  private static final int MAX_MESSAGE = 2_000;

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
          case "Conversion",
              "Out of Range",
              "Invalid Input",
              "Divide by Zero",
              "Sequence",
              "Constraint",
              "Expression",
              "Decimal",
              "Executor" ->
              Reason.FAILED;
          default -> throw new IOException("DuckDB: " + message, e);
        };
    if (reason == Reason.TOO_MUCH_MEMORY) {
      return new SqlRefusedException(
          reason,
          "the query takes more memory than it may; narrow _time, select fewer columns, group by less");
    }
    return new SqlRefusedException(reason, cleaned(message));
  }

  static String cleaned(String message) {
    String clean = PATH.matcher(message).replaceAll("…").strip();
    return clean.length() <= MAX_MESSAGE ? clean : clean.substring(0, MAX_MESSAGE) + "…";
  }
}
