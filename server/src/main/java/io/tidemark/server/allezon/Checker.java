package io.tidemark.server.allezon;

import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.LongAdder;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;

/// Compares answers with the ones that a checker expects and sends as the query's body.
public final class Checker {
  private static final Logger LOG = LoggerFactory.getLogger(Checker.class);
  private static final ObjectMapper MAPPER = new ObjectMapper();

  private final boolean on;
  private final LongAdder mismatches = new LongAdder();

  public Checker(boolean on) {
    this.on = on;
  }

  boolean isOn() {
    return on;
  }

  /// How many answers differed from what was expected.
  public long mismatches() {
    return mismatches.sum();
  }

  /// @param expected the query's body; an empty one expects nothing
  void check(String request, String expected, byte[] answer) {
    if (expected.isBlank()) {
      return;
    }
    String given = new String(answer, StandardCharsets.UTF_8);
    if (!isEqual(expected, given)) {
      mismatches.increment();
      LOG.warn("{} was answered {} but expected {}", request, given, expected);
    }
  }

  /// Whether two JSON texts are the same values, whatever the order of names and the white space.
  private static boolean isEqual(String expected, String given) {
    if (expected.equals(given)) {
      return true;
    }
    try {
      JsonNode wanted = MAPPER.readTree(expected);
      return wanted.equals(MAPPER.readTree(given));
    } catch (JacksonException _) {
      return false;
    }
  }
}
