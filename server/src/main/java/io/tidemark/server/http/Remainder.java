package io.tidemark.server.http;

import io.helidon.http.HeaderNames;
import io.helidon.http.HeaderValues;
import io.helidon.webserver.CloseConnectionException;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import java.io.IOException;
import java.io.InputStream;
import org.jspecify.annotations.Nullable;

/// What a client still sends of a body that has been answered already.
///
/// Of a short body it is read, and the connection goes on. A client whose long body is refused is
/// told that the connection ends, so it can stop; what it sends nevertheless is thrown away, slowly
/// where there are many of them, for a while. Closing at once would not do: where something is
/// unread, the system takes the answer back from the client (RFC 9112, section 9.6).
final class Remainder {
  /// So much is read rather than a connection given up.
  private static final int SHORT_BYTES = 64 << 10;

  private final ServerRequest request;
  private final boolean isLong;

  /// A body that is long, or comes on demand, where somebody has begun to read it.
  private @Nullable InputStream body;

  Remainder(ServerRequest request) {
    this.request = request;
    this.isLong =
        request.headers().contentLength().orElse(0) > SHORT_BYTES
            || request.headers().contains(HeaderNames.TRANSFER_ENCODING);
    if (isLong || isOnDemand()) {
      request.streamFilter(
          in -> {
            body = in;
            return in;
          });
    }
  }

  /// Whether the client waits to be told that the body may come.
  private boolean isOnDemand() {
    return request.headers().contains(HeaderNames.EXPECT)
        && request.headers().containsToken(HeaderValues.EXPECT_100);
  }

  private boolean isLeft() {
    return request.content().hasEntity() && !request.content().consumed();
  }

  /// Whether more may be left than is worth the connection.
  boolean isLong() {
    return isLong && isLeft();
  }

  /// Sees to it after the answer.
  ///
  /// @throws CloseConnectionException where the connection ends
  void settle(ServerResponse response) {
    boolean isLeft = isLeft();
    if (isLeft && body == null && isOnDemand()) {
      // It was not told so: the body may follow all the same, or another request.
      throw new CloseConnectionException("a body may follow, or another request");
    }
    // What is left would be taken for a request.
    boolean ends =
        response.headers().contains(HeaderNames.CONNECTION)
            && response.headers().containsToken(HeaderValues.CONNECTION_CLOSE);
    if (isLeft) {
      if (ends) {
        ClientPace.awaitRest();
      } else {
        ClientPace.awaitBody();
      }
      throwAway();
      ClientPace.awaitNextRequest();
    }
    if (ends) {
      // The server would leave it to the client.
      throw new CloseConnectionException("the connection was to be closed");
    }
  }

  private void throwAway() {
    try {
      if (!isLong && body == null) {
        request.content().consume();
        return;
      }
      InputStream rest = body == null ? request.content().inputStream() : body;
      byte[] bytes = new byte[8 << 10];
      for (int read = rest.read(bytes); read >= 0; read = rest.read(bytes)) {
        ClientPace.thrownAway(read);
      }
    } catch (IOException | RuntimeException e) {
      throw new CloseConnectionException("the body cannot be read", e);
    }
  }
}
