package io.tidemark.server.json;

/// JSON pointers (RFC 6901).
final class Pointers {
  private Pointers() {}

  /// A property name as a part of a pointer.
  static String escape(String name) {
    return name.replace("~", "~0").replace("/", "~1");
  }

  static String unescape(String part) {
    return part.replace("~1", "/").replace("~0", "~");
  }

  /// The pointer without its first part.
  static String withoutFirst(String pointer) {
    int second = pointer.indexOf('/', 1);
    return second < 0 ? "" : pointer.substring(second);
  }
}
