package io.tidemark.server.http;

import io.helidon.webserver.http.ServerRequest;
import java.io.IOException;
import java.nio.charset.StandardCharsets;

/// A request's body in memory, for contracts; gives its share of the budget back on closing.
public final class RequestBody implements AutoCloseable {
  private final Body body;
  private final InFlight.Lease lease;

  private RequestBody(Body body, InFlight.Lease lease) {
    this.body = body;
    this.lease = lease;
  }

  /// Reads a body; see [Body#read] for the problems.
  public static RequestBody read(ServerRequest request, int maxBytes, InFlight budget)
      throws IOException {
    InFlight.Lease lease = budget.lease();
    try {
      return new RequestBody(Body.read(request, maxBytes, lease), lease);
    } catch (IOException | RuntimeException e) {
      lease.close();
      throw e;
    }
  }

  /// The body is in the first [#length] of these.
  public byte[] bytes() {
    return body.bytes();
  }

  public int length() {
    return body.length();
  }

  public String text() {
    return new String(body.bytes(), 0, body.length(), StandardCharsets.UTF_8);
  }

  /// Whether it looks like a JSON object: whether its first character is a brace.
  public boolean isObject() {
    for (int i = startsWithMark() ? 3 : 0; i < body.length(); i++) {
      byte b = body.bytes()[i];
      if (b != ' ' && b != '\n' && b != '\r' && b != '\t') {
        return b == '{';
      }
    }
    return false;
  }

  /// Whether it begins with UTF-8's byte order mark.
  private boolean startsWithMark() {
    byte[] bytes = body.bytes();
    return body.length() >= 3
        && bytes[0] == (byte) 0xEF
        && bytes[1] == (byte) 0xBB
        && bytes[2] == (byte) 0xBF;
  }

  @Override
  public void close() {
    lease.close();
  }
}
