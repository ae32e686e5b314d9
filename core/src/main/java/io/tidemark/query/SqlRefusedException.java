package io.tidemark.query;

import java.util.OptionalInt;

/// A question in SQL cannot be answered, and asking again will not help.
public final class SqlRefusedException extends Exception {
  private static final long serialVersionUID = 1L;

  private final Reason reason;

  /// Negative where there is none.
  private final int position;

  /// What is wrong with it.
  public enum Reason {
    /// It is not SQL, or uses columns or functions that are not there or do not fit.
    BAD_SQL,
    /// It does what SQL can do, but nobody may do here.
    NOT_ALLOWED,
    /// It names a table that is not there.
    UNKNOWN_TABLE,
    /// Its parameters are not those it has placeholders for.
    BAD_PARAMETER,
    /// It failed on the rows it met.
    FAILED,
    /// Its answer has more rows than it may have.
    TOO_MANY_ROWS,
    /// Its answer has more bytes than an answer may have.
    TOO_LARGE,
    /// It takes more memory than a question may.
    TOO_MUCH_MEMORY,
    /// It needs more files of the archive at once than there is room for.
    ARCHIVE_TOO_LARGE,
    /// It takes longer than it may.
    TOO_SLOW
  }

  public SqlRefusedException(Reason reason, String message) {
    this(reason, message, OptionalInt.empty());
  }

  /// @param position in the question's text, from 0 on
  public SqlRefusedException(Reason reason, String message, OptionalInt position) {
    super(message);
    this.reason = reason;
    this.position = position.orElse(-1);
  }

  public Reason reason() {
    return reason;
  }

  /// Where in the question's text it is, as far as that is known.
  public OptionalInt position() {
    return position < 0 ? OptionalInt.empty() : OptionalInt.of(position);
  }
}
