package io.tidemark.server.http;

import io.helidon.http.HeaderNames;
import io.helidon.webserver.http.ServerRequest;
import io.tidemark.query.SqlFormat;
import io.tidemark.query.SqlQuestion;
import io.tidemark.query.SqlQuestion.Parameter;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;

/// A question in SQL as it is sent: a JSON object, or the query's text alone.
final class SqlRequest {
  static final String QUERY = "query";
  static final String PARAMETERS = "parameters";
  static final String LIMIT = "limit";
  static final String TIMEOUT = "timeout_ms";

  private static final Set<String> MEMBERS = Set.of(QUERY, PARAMETERS, LIMIT, TIMEOUT);
  private static final int MAX_PARAMETERS = 200;

  /// Of a DECIMAL.
  private static final int MAX_DIGITS = 38;

  private static final ObjectMapper MAPPER =
      new ObjectMapper(
              JsonFactory.builder().enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION).build())
          .rebuild()
          .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
          .build();

  private SqlRequest() {}

  /// @throws Problem where it is not one
  static SqlQuestion question(ServerRequest request, RequestBody body) {
    Params params = Params.parse(request.query().rawValue()).allow(Set.of(LIMIT, TIMEOUT));
    int limit = params.integer(LIMIT, SqlQuestion.DEFAULT_LIMIT, 1, SqlQuestion.MAX_LIMIT);
    int timeout =
        params.integer(TIMEOUT, SqlQuestion.DEFAULT_TIMEOUT_MS, 1, SqlQuestion.MAX_TIMEOUT_MS);
    String type =
        request.headers().first(HeaderNames.CONTENT_TYPE).orElse("").toLowerCase(Locale.ROOT);
    if (!type.startsWith("application/json")) {
      return new SqlQuestion(text(body.text()), List.of(), limit, timeout);
    }
    JsonNode document = read(body);
    for (String name : document.propertyNames()) {
      if (!MEMBERS.contains(name)) {
        throw Problem.parameter(name, "is not known here; " + Near.hint(name, MEMBERS));
      }
    }
    JsonNode query = document.path(QUERY);
    if (!query.isString()) {
      throw Problem.parameter(QUERY, "is missing, or not a string");
    }
    return new SqlQuestion(
        text(query.asString()),
        parameters(document.path(PARAMETERS)),
        integer(document, LIMIT, limit, SqlQuestion.MAX_LIMIT),
        integer(document, TIMEOUT, timeout, SqlQuestion.MAX_TIMEOUT_MS));
  }

  private static String text(String text) {
    if (text.isBlank()) {
      throw Problem.parameter(QUERY, "is missing; write SQL in it");
    }
    return text;
  }

  private static JsonNode read(RequestBody body) {
    try {
      JsonNode document = MAPPER.readTree(body.bytes(), 0, body.length());
      if (document.isObject()) {
        return document;
      }
    } catch (JacksonException _) {
      // said below
    }
    throw new Problem(
        400, "broken-body", "the body is not a JSON object like {\"query\": \"SELECT 1\"}");
  }

  private static int integer(JsonNode document, String name, int absent, int max) {
    JsonNode value = document.path(name);
    if (value.isMissingNode() || value.isNull()) {
      return absent;
    }
    if (value.isIntegralNumber() && value.canConvertToInt()) {
      int number = value.asInt();
      if (number >= 1 && number <= max) {
        return number;
      }
    }
    throw Problem.parameter(
        name, "\"%s\" is not a whole number from 1 to %d".formatted(value.asString(""), max));
  }

  private static List<Parameter> parameters(JsonNode given) {
    List<Parameter> parameters = new ArrayList<>();
    if (given.isArray()) {
      for (JsonNode value : given) {
        String name = Integer.toString(parameters.size() + 1);
        parameters.add(new Parameter(name, value(name, value)));
      }
    } else if (given.isObject()) {
      for (Map.Entry<String, JsonNode> entry : given.properties()) {
        parameters.add(new Parameter(entry.getKey(), value(entry.getKey(), entry.getValue())));
      }
    } else if (!given.isMissingNode() && !given.isNull()) {
      throw Problem.parameter(PARAMETERS, "is neither an array nor an object");
    }
    if (parameters.size() > MAX_PARAMETERS) {
      throw Problem.parameter(PARAMETERS, "has more than " + MAX_PARAMETERS + " values");
    }
    return parameters;
  }

  private static @Nullable Object value(String name, JsonNode value) {
    if (value.isNull()) {
      return null;
    } else if (value.isString()) {
      return value.asString();
    } else if (value.isBoolean()) {
      return value.asBoolean();
    } else if (value.canConvertToLong() && value.isIntegralNumber()) {
      return value.asLong();
    } else if (value.isIntegralNumber()) {
      BigInteger big = value.bigIntegerValue();
      if (big.bitLength() < 127) {
        return big;
      }
    } else if (value.isNumber()) {
      return number(value.decimalValue());
    }
    throw Problem.parameter(
        PARAMETERS, name + " is not a string, number, boolean or null that SQL can take");
  }

  /// A DECIMAL, which is exact, where SQL has one with so many digits; else a DOUBLE.
  private static Number number(BigDecimal number) {
    boolean isShort =
        Math.abs(number.scale()) <= MAX_DIGITS
            && number.precision() + Math.max(0, -number.scale()) <= MAX_DIGITS;
    return isShort ? number.setScale(Math.max(0, number.scale())) : (Number) number.doubleValue();
  }

  /// The format that the client wants.
  ///
  /// @throws Problem where there is no such one
  static SqlFormat format(ServerRequest request) {
    String accept = request.headers().first(HeaderNames.ACCEPT).orElse("*/*");
    for (String wanted : accept.split(",", -1)) {
      String type = wanted.split(";", 2)[0].strip().toLowerCase(Locale.ROOT);
      if (type.equals("*/*") || type.equals("application/*") || type.isEmpty()) {
        return SqlFormat.JSON;
      }
      for (SqlFormat format : SqlFormat.values()) {
        if (format.contentType().equals(type)) {
          return format;
        }
      }
    }
    List<String> all = new ArrayList<>();
    for (SqlFormat format : SqlFormat.values()) {
      all.add(format.contentType());
    }
    throw new Problem(406, "not-acceptable", "there are answers in " + String.join(", ", all));
  }
}
