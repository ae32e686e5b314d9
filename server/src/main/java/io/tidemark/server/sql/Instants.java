package io.tidemark.server.sql;

import java.util.regex.Pattern;

/// Instants and times of day that the driver does not give as they are. Within structs, lists and
/// maps it gives a TIMESTAMP in the time zone of this machine, in which some do not exist; with a
/// time zone they come as they are. Of coarser instants it cannot read those without end, and no
/// TIME of 24:00:00, and leaves seconds away where there are none.
final class Instants {
  private static final Pattern TYPE =
      Pattern.compile(
          "\\bTIMESTAMP WITH TIME ZONE\\b|\\bTIMESTAMP(_S|_MS|_NS)?\\b|\\bTIME(_NS)?\\b( WITH TIME ZONE)?");

  private Instants() {}

  /// The type in which a column can be read.
  static String readable(String type) {
    return ColumnCasts.isNested(type)
        ? ColumnCasts.unquoted(type, Instants::withinNested)
        : plain(type);
  }

  private static String plain(String type) {
    return switch (type) {
      case "TIMESTAMP_S", "TIMESTAMP_MS" -> "TIMESTAMP";
      case "TIME", "TIME_NS", "TIME WITH TIME ZONE" -> "VARCHAR";
      default -> type;
    };
  }

  private static String withinNested(String text) {
    return TYPE.matcher(text)
        .replaceAll(
            found ->
                found.group().startsWith("TIMESTAMP") ? "TIMESTAMP WITH TIME ZONE" : "VARCHAR");
  }
}
