package io.tidemark.table;

import java.nio.charset.StandardCharsets;

/// Text as searches compare it.
public final class Texts {
  private Texts() {}

  /// UTF-8 bytes as a string in lower case, each code point by its simple mapping (Unicode's
  /// "Simple_Lowercase_Mapping"), which is the same in every locale and in SQL.
  public static String lower(byte[] utf8) {
    return lower(new String(utf8, StandardCharsets.UTF_8));
  }

  public static String lower(String text) {
    StringBuilder lower = new StringBuilder(text.length());
    text.codePoints().map(Character::toLowerCase).forEach(lower::appendCodePoint);
    return lower.toString();
  }
}
