package io.tidemark.server.it;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/// Random requests to a node with the [LabApp]: sound ones, ones that know HTTP's grammar and break
/// it, and noise.
final class HostileRequests {
  private static final List<String> METHODS =
      List.of("GET", "GET", "GET", "POST", "POST", "POST", "PUT", "DELETE", "OPTIONS", "PATCH");
  private static final List<String> BAD_METHODS =
      List.of(
          "", "get", "G\u0000T", "TRACE", "CONNECT", "PRI", "GÉT", "M".repeat(3000), "{}", "GET ");
  private static final List<String> PATHS =
      List.of(
          "/v1/streams/readings",
          "/v1/streams/readings",
          "/v1/streams/orders",
          "/v1/streams/readings/events",
          "/v1/timelines/latest/ann",
          "/v1/rollups/per_minute",
          "/v1/rollups/order_totals",
          "/v1/quarantine",
          "/health/live",
          "/health/ready",
          "/openapi.json",
          "/internal/ask");
  private static final List<String> PIECES =
      List.of(
          "%",
          "%2",
          "%zz",
          "%00",
          "%ff",
          "%c3%28",
          "%2f",
          "%2e%2e",
          "/",
          "//",
          "/../",
          ";a=b",
          "#",
          "?",
          "&",
          "=",
          "+",
          "é",
          "\u0000",
          "\t",
          "\\",
          "\"",
          "<",
          "{x}",
          "*",
          ":",
          "@",
          "x".repeat(5000),
          "%F0%9F%98%80",
          "http://node/",
          "-1",
          "99999999999999999999",
          "1e9",
          "true",
          "null",
          ",",
          ",,,,",
          "1970-01-01T00:00:00Z",
          "+292278994-08-17T07:12:55.807Z",
          "-999999999-01-01T00:00:00Z",
          "9999999999d",
          "0s");
  private static final List<String> PARAMETERS =
      List.of(
          "from",
          "to",
          "limit",
          "cursor",
          "q",
          "every",
          "by",
          "measures",
          "split",
          "where.device",
          "where.n",
          "where.x",
          "where.at",
          "where.mode",
          "where.more",
          "where.",
          "stream",
          "nope");
  private static final List<String> VALUES =
      List.of(
          "2022-03-22T12:00:00Z",
          "2022-03-22T12:01:00Z",
          "1647950400000",
          "1",
          "10000",
          "0",
          "device",
          "count",
          "sum",
          "ann",
          "1m",
          "1d",
          "",
          "auto",
          "1.5",
          "NaN",
          "Infinity",
          "MTY0Nzk1MDQwMDAwMDAwMC4xLjE");
  private static final List<String> HEADERS =
      List.of(
          "Content-Type: application/json",
          "Content-Type: application/x-ndjson; charset=utf-8",
          "Content-Type: \"\";;=",
          "Content-Encoding: gzip",
          "Content-Encoding: identity",
          "Content-Encoding: gzip, gzip",
          "Content-Encoding: deflate",
          "Content-Encoding: zstd",
          "Content-Encoding: \u0001",
          "Tidemark-After: readings/0:0",
          "Tidemark-After: readings/1:1,readings/0:1",
          "Tidemark-After: readings/2:0",
          "Tidemark-After: nobody/0:0",
          "Tidemark-After: ,,,/:/:",
          "Tidemark-After: readings/0:-1",
          "Tidemark-After: readings/0:99999999999999999999",
          "Accept: */*;q=x",
          "Accept-Encoding: gzip",
          "Expect: everything",
          "Upgrade: h2c",
          "Connection: Upgrade, HTTP2-Settings",
          "Connection: keep-alive",
          "Connection: close",
          "Cookie: " + "c=d; ".repeat(800),
          "Range: bytes=0-0",
          "If-None-Match: *",
          "X-Forwarded-For: 1, 2, 3",
          "Authorization: Basic !!!",
          "Host: other:99999",
          "X-Empty:");
  private static final List<String> BAD_HEADERS =
      List.of(
          "Content-Length: -1",
          "Content-Length: 1, 2",
          "Content-Length: 0x10",
          "Content-Length: 99999999999999999999",
          "Content-Length: 17000000",
          "Content-Length: ",
          "Transfer-Encoding: chunked",
          "Transfer-Encoding: chunked, chunked",
          "Transfer-Encoding: gzip, chunked",
          "Transfer-Encoding: identity",
          "Transfer-Encoding: xchunked",
          "Transfer-Encoding : chunked",
          "Expect: 100-continue",
          "No colon",
          ": no name",
          " folded: line",
          "N\u0000l: x",
          "Bad\tname: x",
          "X: \u0000",
          "X: a\rb",
          "Host: ",
          "Host: a b",
          "Host: [::1",
          "X: " + "y".repeat(140_000));

  /// A request, and whether it is framed as HTTP demands, so that another may follow.
  record Request(byte[] bytes, boolean isSound) {
    @Override
    public String toString() {
      String text = new String(bytes, StandardCharsets.ISO_8859_1);
      return text.length() > 3000 ? text.substring(0, 3000) + "…" : text;
    }
  }

  private final Random random;

  HostileRequests(Random random) {
    this.random = random;
  }

  Request next() {
    if (chance(40)) {
      return new Request(noise(300), false);
    }
    byte[] body = chance(2) ? body() : new byte[0];
    boolean isSound = !chance(4);
    StringBuilder head = new StringBuilder();
    head.append(isSound || chance(2) ? pick(METHODS) : pick(BAD_METHODS)).append(' ');
    head.append(target(isSound)).append(' ');
    head.append(isSound || chance(2) ? "HTTP/1.1" : pick(List.of("HTTP/1.0", "HTTP/2.0", "H", "")));
    head.append("\r\n");
    List<String> headers = new ArrayList<>(List.of("Host: node"));
    for (int i = random.nextInt(4); i > 0; i--) {
      headers.add(pick(HEADERS));
    }
    if (!isSound) {
      for (int i = random.nextInt(3); i > 0; i--) {
        headers.add(random.nextInt(headers.size() + 1), pick(BAD_HEADERS));
      }
    }
    boolean isChunked = body.length > 0 && chance(3);
    if (isChunked) {
      headers.add("Transfer-Encoding: chunked");
      body = chunked(body, isSound);
    } else if (body.length > 0 || chance(2)) {
      int lie = isSound || chance(2) ? 0 : random.nextInt(-5, 50);
      headers.add("Content-Length: " + Math.max(0, body.length + lie));
    }
    headers.forEach(h -> head.append(h).append(isSound || !chance(10) ? "\r\n" : "\n"));
    head.append("\r\n");
    byte[] bytes = join(head.toString().getBytes(StandardCharsets.UTF_8), body);
    return isSound || chance(2) ? new Request(bytes, isSound) : new Request(mutated(bytes), false);
  }

  private String target(boolean isSound) {
    StringBuilder target = new StringBuilder(pick(PATHS));
    while (chance(4)) {
      target.insert(random.nextInt(target.length()) + 1, visible(pick(PIECES), isSound));
    }
    char separator = '?';
    for (int i = chance(2) ? random.nextInt(6) : 0; i > 0; i--) {
      String value = chance(4) ? visible(pick(PIECES), isSound) : pick(VALUES);
      target.append(separator).append(pick(PARAMETERS)).append('=').append(value);
      separator = '&';
    }
    return target.toString();
  }

  /// Without what would end the first line, or make it no line.
  private static String visible(String piece, boolean isSound) {
    return isSound ? piece.replaceAll("[^\\x21-\\x7e]", "%20") : piece;
  }

  private byte[] body() {
    String event =
        "{\"at\":\"2022-03-22T12:00:00.%03dZ\",\"device\":\"fuzz %d\",\"n\":%d}"
            .formatted(random.nextInt(1000), random.nextInt(20), random.nextInt());
    byte[] body =
        switch (random.nextInt(4)) {
          case 0 -> event.getBytes(StandardCharsets.UTF_8);
          case 1 -> (event + "\n" + event).getBytes(StandardCharsets.UTF_8);
          case 2 -> mutated(("[" + event + "," + event + "]").getBytes(StandardCharsets.UTF_8));
          default -> noise(200);
        };
    return chance(3) ? Http.gzip(body) : body;
  }

  private byte[] chunked(byte[] body, boolean isSound) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    for (int at = 0; at < body.length; ) {
      int length = Math.min(body.length - at, 1 + random.nextInt(60));
      String size = isSound || !chance(5) ? Integer.toHexString(length) : pick(PIECES);
      // The server does not know extensions, and closes the connection.
      String extension = !isSound && chance(6) ? ";a=\"b\"" : "";
      out.writeBytes((size + extension + "\r\n").getBytes(StandardCharsets.UTF_8));
      out.write(body, at, length);
      out.writeBytes((isSound || !chance(10) ? "\r\n" : "").getBytes(StandardCharsets.UTF_8));
      at += length;
    }
    if (isSound || !chance(5)) {
      out.writeBytes("0\r\n\r\n".getBytes(StandardCharsets.UTF_8));
    }
    return out.toByteArray();
  }

  private byte[] mutated(byte[] bytes) {
    byte[] changed = bytes.clone();
    for (int i = 1 + random.nextInt(4); i > 0 && changed.length > 0; i--) {
      changed[random.nextInt(changed.length)] = (byte) random.nextInt(256);
    }
    return changed;
  }

  private byte[] noise(int most) {
    byte[] noise = new byte[1 + random.nextInt(most)];
    random.nextBytes(noise);
    return noise;
  }

  private static byte[] join(byte[] a, byte[] b) {
    ByteArrayOutputStream out = new ByteArrayOutputStream(a.length + b.length);
    out.writeBytes(a);
    out.writeBytes(b);
    return out.toByteArray();
  }

  private boolean chance(int n) {
    return random.nextInt(n) == 0;
  }

  private <T> T pick(List<T> values) {
    return values.get(random.nextInt(values.size()));
  }
}
