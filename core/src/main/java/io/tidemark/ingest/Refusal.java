package io.tidemark.ingest;

/// Why an event was refused, and where in it.
///
/// @param reason the type of the reason, the same for all events refused for it
/// @param pointer a JSON pointer (RFC 6901) to the culprit within the event; empty: the event
///   itself
/// @param detail what is wrong, for a person
///
///   Refusals are remembered and sent back, and names in an event may be as long as the event; so a
///   pointer or a detail longer than [#MAX_LENGTH] is cut there, and ends with `…`.
public record Refusal(Reason reason, String pointer, String detail) {
  /// In characters.
  public static final int MAX_LENGTH = 1_000;

  public Refusal {
    pointer = cut(pointer);
    detail = cut(detail);
  }

  private static String cut(String text) {
    if (text.length() <= MAX_LENGTH) {
      return text;
    }
    // Not within a surrogate pair.
    int end = Character.isHighSurrogate(text.charAt(MAX_LENGTH - 1)) ? MAX_LENGTH - 1 : MAX_LENGTH;
    return text.substring(0, end) + "…";
  }

  /// The types of reasons. Their names in lower case are part of the API.
  public enum Reason {
    /// Not JSON.
    MALFORMED,
    /// A name occurs twice in one object.
    DUPLICATE_KEY,
    /// Deeper or longer than the parser's bounds.
    TOO_DEEP,
    /// Larger than one event may be.
    TOO_LARGE,
    /// The schema wants another JSON type.
    WRONG_TYPE,
    /// A required property is missing.
    MISSING,
    /// A property that the schema forbids.
    UNKNOWN_PROPERTY,
    /// Not one of the values the schema lists.
    NOT_ALLOWED,
    /// Outside the schema's bounds: of a number, or of a length.
    OUT_OF_RANGE,
    /// Does not match the schema's pattern.
    PATTERN,
    /// Does not have the schema's format.
    FORMAT,
    /// Breaks another rule of the schema.
    SCHEMA,
    /// An event time too far beyond the node's clock.
    TIME_IN_FUTURE,
    /// The log refused the record.
    LOG
  }

  /// The reason's name in answers and metrics.
  public String code() {
    return reason.name().toLowerCase(java.util.Locale.ROOT);
  }
}
