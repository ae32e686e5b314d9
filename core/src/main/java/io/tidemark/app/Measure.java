package io.tidemark.app;

import io.tidemark.event.EventType;

/// One number per group of a rollup.
///
/// @param name what it is called in answers
/// @param field the field it is computed of; [#ALL] for a count of all events
/// @param parameter the share of a percentile, 0 to 1; 0 for all other kinds
public record Measure(String name, Kind kind, int field, double parameter) {
  public static final int ALL = -1;

  /// What is computed of the field's values other than null.
  public enum Kind {
    /// How many events, or how many values.
    COUNT,
    /// Exact for integers, to the last bit or two for doubles. LONG or DOUBLE.
    SUM,
    /// LONG, DOUBLE or TIMESTAMP.
    MIN,
    /// LONG, DOUBLE or TIMESTAMP.
    MAX,
    /// Sum divided by count. LONG or DOUBLE.
    AVG,
    /// How many different values: exact up to a thousand, then with a standard error of 1.6 %. Any
    /// type.
    DISTINCT,
    /// The value below which the share `parameter` of all values lies, within 1 %. LONG or DOUBLE.
    PERCENTILE
  }

  /// See [ViewSpec#definition].
  String definition(EventType type) {
    String of = field == ALL ? "*" : type.field(field).typedPath();
    return "%s=%s(%s;%s)".formatted(name, kind, of, parameter);
  }

  public Measure {
    if (field == ALL && kind != Kind.COUNT) {
      throw new IllegalArgumentException(kind + " needs a field");
    }
    if (!(parameter >= 0 && parameter <= 1)) {
      throw new IllegalArgumentException("parameter: " + parameter);
    }
  }
}
