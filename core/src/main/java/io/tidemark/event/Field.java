package io.tidemark.event;

import java.util.regex.Pattern;

/// One leaf of a stream's schema.
///
/// @param path the property names from the root, joined by dots: `product_info.price`
/// @param type what it holds
/// @param required whether every valid event has it, with a value other than null
public record Field(String path, FieldType type, boolean required) {
  private static final String NAME = "[A-Za-z_][A-Za-z0-9_]*";
  private static final Pattern PATH = Pattern.compile(NAME + "(\\." + NAME + ")*");

  public Field {
    if (!PATH.matcher(path).matches()) {
      throw new IllegalArgumentException("not a field path: " + path);
    }
  }

  /// The path and the type as text: `product_info.price:DOUBLE`.
  public String typedPath() {
    return path + ":" + type;
  }

  /// Whether a property of this name can be a part of a path; others live in an event's extra.
  public static boolean isName(String name) {
    return PATH.matcher(name).matches() && name.indexOf('.') < 0;
  }
}
