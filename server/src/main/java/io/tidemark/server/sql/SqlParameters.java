package io.tidemark.server.sql;

import io.tidemark.query.SqlQuestion.Parameter;
import io.tidemark.query.SqlRefusedException;
import io.tidemark.query.SqlRefusedException.Reason;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Types;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The values of a question's placeholders.
final class SqlParameters {
  /// What an expression makes of it, row by row, DuckDB does not count as memory.
  private static final int MAX_TEXT = 64 << 10;

  private SqlParameters() {}

  /// Brings values into the order of placeholders.
  static List<@Nullable Object> values(List<String> names, List<Parameter> given)
      throws SqlRefusedException {
    Map<String, Parameter> byName = new LinkedHashMap<>();
    given.forEach(p -> byName.put(p.name(), p));
    List<@Nullable Object> values = new ArrayList<>();
    for (String name : names) {
      Parameter parameter = byName.remove(name);
      if (parameter == null) {
        throw refused("there is no parameter for $" + name);
      }
      if (parameter.value() instanceof String text && text.length() > MAX_TEXT) {
        throw refused("$%s has more than %d characters".formatted(name, MAX_TEXT));
      }
      values.add(parameter.value());
    }
    if (!byName.isEmpty()) {
      throw refused(
          "the query has no $%s%s"
              .formatted(
                  byName.keySet().iterator().next(),
                  names.isEmpty() ? "" : "; it has $" + String.join(", $", names)));
    }
    return values;
  }

  static void set(PreparedStatement statement, List<@Nullable Object> values) throws SQLException {
    for (int i = 0; i < values.size(); i++) {
      switch (values.get(i)) {
        case null -> statement.setNull(i + 1, Types.NULL);
        case Boolean value -> statement.setBoolean(i + 1, value);
        case Long value -> statement.setLong(i + 1, value);
        case Double value -> statement.setDouble(i + 1, value);
        case String value -> statement.setString(i + 1, value);
        case BigInteger value -> statement.setObject(i + 1, value);
        case BigDecimal value -> statement.setBigDecimal(i + 1, value);
        default -> throw new IllegalArgumentException("parameter " + (i + 1));
      }
    }
  }

  private static SqlRefusedException refused(String why) {
    return new SqlRefusedException(Reason.BAD_PARAMETER, why);
  }
}
