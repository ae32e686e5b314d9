package io.tidemark.server.sql;

import io.tidemark.query.SqlQuestion;
import io.tidemark.query.SqlRefusedException;
import io.tidemark.query.SqlRefusedException.Reason;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// A question as far as it can be read without DuckDB.
///
/// @param text without `EXPLAIN`
/// @param offset how many characters of the question are before the text
record SqlText(SqlQuestion question, String text, int offset, boolean isExplain) {
  private static final Pattern EXPLAIN =
      Pattern.compile("\\s*EXPLAIN\\s+(ANALYZE\\b)?", Pattern.CASE_INSENSITIVE);

  static SqlText of(SqlQuestion question) throws SqlRefusedException {
    String text = question.text();
    if (text.length() > SqlQuestion.MAX_TEXT) {
      throw new SqlRefusedException(
          Reason.BAD_SQL, "a query has at most %d characters".formatted(SqlQuestion.MAX_TEXT));
    }
    if (text.indexOf('\0') >= 0) {
      throw new SqlRefusedException(Reason.BAD_SQL, "it has a character with the code 0");
    }
    SqlGuard.checkDepth(text);
    Matcher explain = EXPLAIN.matcher(text);
    boolean isExplain = explain.lookingAt();
    if (isExplain && explain.group(1) != null) {
      throw new SqlRefusedException(
          Reason.NOT_ALLOWED, "EXPLAIN ANALYZE is not allowed; EXPLAIN says what would be read");
    }
    int offset = isExplain ? explain.end() : 0;
    return new SqlText(question, text.substring(offset), offset, isExplain);
  }
}
