package io.tidemark.bench.yardstick;

import io.helidon.http.HeaderNames;
import io.helidon.webserver.WebServer;
import io.helidon.webserver.http.Handler;
import io.helidon.webserver.http.ServerRequest;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Arrays;

/// The yardstick of single events and of profiles: the same HTTP server, which reads events and
/// forgets them, and answers every question with the same bytes.
public final class BareServer {
  private BareServer() {}

  /// @param args the length of an answer, if it is to be asked
  public static void main(String[] args) {
    byte[] answer = new byte[args.length == 0 ? 0 : Integer.parseInt(args[0])];
    Arrays.fill(answer, (byte) ' ');
    WebServer server =
        WebServer.builder()
            .host("127.0.0.1")
            .port(0)
            .connectionOptions(o -> o.tcpNoDelay(true))
            .routing(
                r ->
                    r.post("/user_tags", reading(204))
                        .post("/v1/streams/{stream}", reading(200))
                        .post(
                            "/user_profiles/{cookie}",
                            (request, response) -> {
                              read(request);
                              response.header(HeaderNames.CONTENT_TYPE, "application/json");
                              response.send(answer);
                            }))
            .build()
            .start();
    System.out.println("ready at http://127.0.0.1:" + server.port());
  }

  private static Handler reading(int status) {
    return (request, response) -> {
      read(request);
      response.status(status).send();
    };
  }

  private static void read(ServerRequest request) {
    try (InputStream in = request.content().inputStream()) {
      in.readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
