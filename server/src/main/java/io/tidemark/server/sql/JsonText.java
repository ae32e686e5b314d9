package io.tidemark.server.sql;

import java.util.Locale;

/// The text of a JSON value as the standard has it, on one line. DuckDB takes more for JSON, and
/// makes some of it: `NaN` and the infinities, which become strings here as they do elsewhere in an
/// answer, and a comma behind the last element.
final class JsonText {
  private final String text;
  private final StringBuilder out;
  private int at;

  private JsonText(String text) {
    this.text = text;
    this.out = new StringBuilder(text.length());
  }

  /// @param text JSON as DuckDB has it
  static String strict(String text) {
    return new JsonText(text).strict();
  }

  private String strict() {
    while (at < text.length()) {
      char c = text.charAt(at);
      if (c == '"') {
        copyString();
      } else if (c == ',') {
        at++;
        if (!isClosedNext()) {
          out.append(c);
        }
      } else if (c == '-' || Character.isLetter(c)) {
        copyWord();
      } else if (Character.isDigit(c)) {
        copyNumber();
      } else {
        at++;
        out.append(Character.isWhitespace(c) ? ' ' : c);
      }
    }
    return out.toString();
  }

  private void copyString() {
    int end = at + 1;
    while (end < text.length() && text.charAt(end) != '"') {
      end += text.charAt(end) == '\\' ? 2 : 1;
    }
    copyTo(Math.min(end + 1, text.length()));
  }

  private boolean isClosedNext() {
    int next = at;
    while (next < text.length() && Character.isWhitespace(text.charAt(next))) {
      next++;
    }
    return next < text.length() && (text.charAt(next) == ']' || text.charAt(next) == '}');
  }

  /// `true`, or what is a number only to DuckDB; a minus may also begin a number like others.
  private void copyWord() {
    int start = text.charAt(at) == '-' ? at + 1 : at;
    int end = start;
    while (end < text.length() && Character.isLetter(text.charAt(end))) {
      end++;
    }
    String word = text.substring(start, end).toLowerCase(Locale.ROOT);
    if (word.isEmpty()) {
      copyNumber();
    } else if (word.equals("nan")) {
      out.append("\"NaN\"");
    } else if (word.startsWith("inf")) {
      out.append(start > at ? "\"-Infinity\"" : "\"Infinity\"");
    } else {
      out.append(word);
    }
    at = Math.max(at, end);
  }

  private void copyNumber() {
    int end = at;
    while (end < text.length() && "+-.eE0123456789".indexOf(text.charAt(end)) >= 0) {
      end++;
    }
    copyTo(Math.max(end, at + 1));
  }

  private void copyTo(int end) {
    out.append(text, at, end);
    at = end;
  }
}
