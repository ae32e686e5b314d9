package io.tidemark.bench.yardstick;

import io.helidon.webserver.WebServer;
import java.io.IOException;
import java.io.InputStream;

/// The yardstick of single events: the same HTTP server, reading the body and answering 204.
public final class BareServer {
  private BareServer() {}

  public static void main(String[] args) {
    WebServer server =
        WebServer.builder()
            .host("127.0.0.1")
            .port(0)
            .routing(
                r ->
                    r.post(
                        "/user_tags",
                        (request, response) -> {
                          try (InputStream in = request.content().inputStream()) {
                            in.readAllBytes();
                          } catch (IOException e) {
                            throw new java.io.UncheckedIOException(e);
                          }
                          response.status(204).send();
                        }))
            .build()
            .start();
    System.out.println("ready at http://127.0.0.1:" + server.port());
  }
}
