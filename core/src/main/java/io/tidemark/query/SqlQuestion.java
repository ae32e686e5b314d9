package io.tidemark.query;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A question in SQL.
///
/// @param text one SELECT, perhaps behind `EXPLAIN`
/// @param parameters what stands for its placeholders
/// @param limit how many rows the answer may have
/// @param timeoutMs how long it may take
public record SqlQuestion(String text, List<Parameter> parameters, int limit, int timeoutMs) {
  public static final int DEFAULT_LIMIT = 10_000;
  public static final int MAX_LIMIT = 1_000_000;
  public static final int DEFAULT_TIMEOUT_MS = 30_000;
  public static final int MAX_TIMEOUT_MS = 300_000;

  /// More than anybody writes; a machine that writes more had better send parameters.
  public static final int MAX_TEXT = 64 << 10;

  public SqlQuestion {
    parameters = Collections.unmodifiableList(new ArrayList<>(parameters));
  }

  /// A value for a placeholder.
  ///
  /// @param name `name` for `$name`; of a `?` its number, from 1 on, as `$1` has
  /// @param value a Boolean, Long, BigInteger, BigDecimal, Double or String, or null
  public record Parameter(String name, @Nullable Object value) {}
}
