package io.tidemark.archive;

/// The name of an object: parts with slashes between them, as
/// `stream=tags/date=2026-11-21/3.parquet`. A part has letters, digits and `_ - . =`, begins with
/// none of `.` and `-`, and is at most [#MAX_PART] long, so that it can be the name of a file
/// everywhere. Keys are ordered by their characters.
///
/// No key may be a folder of another one (`a` beside `a/b`): a bucket would take both, a folder
/// cannot.
public record ObjectKey(String text) implements Comparable<ObjectKey> {
  static final int MAX_PART = 160;

  /// Of the 1024 that S3 has, the rest is for a prefix.
  static final int MAX = 700;

  public ObjectKey {
    if (!isKey(text)) {
      throw new IllegalArgumentException(
          ("'%s' cannot be a key: parts of letters, digits and _ - . = with / between them are"
                  + " allowed, up to %d each and %d in all")
              .formatted(text, MAX_PART, MAX));
    }
  }

  /// Whether a text can be a key.
  public static boolean isKey(String text) {
    if (text.isEmpty() || text.length() > MAX) {
      return false;
    }
    for (String part : text.split("/", -1)) {
      if (!isPart(part)) {
        return false;
      }
    }
    return true;
  }

  static boolean isPart(String part) {
    return !part.isEmpty()
        && part.length() <= MAX_PART
        && ".-".indexOf(part.charAt(0)) < 0
        && part.chars().allMatch(ObjectKey::isSafe);
  }

  /// Whether a text can be how keys begin: any part of a key, or nothing.
  public static boolean isPrefix(String text) {
    return text.length() <= MAX
        && !text.startsWith("/")
        && !text.contains("//")
        && text.chars().allMatch(c -> c == '/' || isSafe(c));
  }

  private static boolean isSafe(int c) {
    return (c >= 'a' && c <= 'z')
        || (c >= 'A' && c <= 'Z')
        || (c >= '0' && c <= '9')
        || "_-.=".indexOf(c) >= 0;
  }

  @Override
  public int compareTo(ObjectKey other) {
    return text.compareTo(other.text);
  }

  @Override
  public String toString() {
    return text;
  }
}
