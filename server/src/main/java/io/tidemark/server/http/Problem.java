package io.tidemark.server.http;

import java.util.LinkedHashMap;
import java.util.Map;

/// A request cannot be served as it is; becomes a problem document (RFC 9457).
public final class Problem extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final int status;
  private final String type;
  private final transient Map<String, Object> members = new LinkedHashMap<>();
  private int retryAfterSeconds = -1;

  /// @param type a short name for this kind of problem, stable, part of the API
  /// @param detail what is wrong with this request and what to do about it
  public Problem(int status, String type, String detail) {
    super(detail, null, false, false);
    this.status = status;
    this.type = type;
  }

  /// A parameter of the request is missing or wrong.
  public static Problem parameter(String name, String detail) {
    return new Problem(400, "bad-parameter", name + ": " + detail).with("parameter", name);
  }

  public static Problem notFound(String detail) {
    return new Problem(404, "not-found", detail);
  }

  /// Adds a member to the document: a string or a number.
  public Problem with(String name, Object value) {
    members.put(name, value);
    return this;
  }

  /// Tells the client when to try again.
  public Problem retryAfter(int seconds) {
    retryAfterSeconds = seconds;
    return this;
  }

  int status() {
    return status;
  }

  String type() {
    return type;
  }

  int retryAfterSeconds() {
    return retryAfterSeconds;
  }

  String detail() {
    return String.valueOf(getMessage());
  }

  /// The document.
  byte[] document() {
    return Json.bytes(
        json -> {
          json.writeStartObject();
          json.writeStringProperty("type", "urn:tidemark:" + type);
          json.writeStringProperty("title", type.replace('-', ' '));
          json.writeNumberProperty("status", status);
          json.writeStringProperty("detail", detail());
          members.forEach(
              (name, value) -> {
                if (value instanceof Number number) {
                  json.writeNumberProperty(name, number.longValue());
                } else {
                  json.writeStringProperty(name, value.toString());
                }
              });
          json.writeEndObject();
        });
  }
}
