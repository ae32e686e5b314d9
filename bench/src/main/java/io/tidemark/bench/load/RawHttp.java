package io.tidemark.bench.load;

import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;

/// One keep-alive connection that sends prepared requests and reads no more of the answers than it
/// must, so that the load costs little beside what is measured.
public final class RawHttp implements AutoCloseable {
  private final Socket socket;
  private final InputStream in;
  private final OutputStream out;
  private final String host;
  private byte[] line = new byte[512];
  private int lineLength;
  private String mark = "";
  private byte[] body = new byte[0];

  public RawHttp(String host, int port) throws IOException {
    this(host, port, 60_000);
  }

  /// @param timeoutMs how long an answer may take
  public RawHttp(String host, int port, int timeoutMs) throws IOException {
    this.host = host + ":" + port;
    this.socket = new Socket();
    socket.setTcpNoDelay(true);
    socket.connect(new InetSocketAddress(host, port), 5_000);
    socket.setSoTimeout(timeoutMs);
    this.in = new BufferedInputStream(socket.getInputStream(), 16 << 10);
    this.out = socket.getOutputStream();
  }

  /// A whole POST request, ready to be sent.
  ///
  /// @param more further headers, each with its line end
  public byte[] post(String path, String type, byte[] content, String more) {
    return withBody("POST", path, type, content, more);
  }

  /// A whole PUT request, ready to be sent.
  public byte[] put(String path, String type, byte[] content) {
    return withBody("PUT", path, type, content, "");
  }

  private byte[] withBody(String method, String path, String type, byte[] content, String more) {
    byte[] head =
        "%s %s HTTP/1.1\r\nHost: %s\r\nContent-Type: %s\r\nContent-Length: %d\r\n%s\r\n"
            .formatted(method, path, host, type, content.length, more)
            .getBytes(StandardCharsets.ISO_8859_1);
    byte[] request = new byte[head.length + content.length];
    System.arraycopy(head, 0, request, 0, head.length);
    System.arraycopy(content, 0, request, head.length, content.length);
    return request;
  }

  /// A whole GET request, ready to be sent.
  public byte[] get(String path, String more) {
    return "GET %s HTTP/1.1\r\nHost: %s\r\n%s\r\n"
        .formatted(path, host, more)
        .getBytes(StandardCharsets.ISO_8859_1);
  }

  /// The header that makes a query wait for a mark.
  public static String after(String mark) {
    return mark.isEmpty() ? "" : "Tidemark-After: " + mark + "\r\n";
  }

  /// Sends a request and reads its answer.
  ///
  /// @return the status
  public int send(byte[] request) throws IOException {
    out.write(request);
    out.flush();
    readLine();
    int status = Integer.parseInt(new String(line, 9, 3, StandardCharsets.ISO_8859_1));
    int length = 0;
    mark = "";
    while (readLine() > 0) {
      if (startsWith("content-length:")) {
        length = Integer.parseInt(text(15));
      } else if (startsWith("tidemark:")) {
        mark = text(9);
      }
    }
    body = in.readNBytes(length);
    if (body.length < length) {
      throw new EOFException("the node closed the connection");
    }
    return status;
  }

  /// The mark of the last answer.
  public String mark() {
    return mark;
  }

  /// The body of the last answer.
  public String body() {
    return new String(body, StandardCharsets.UTF_8);
  }

  private String text(int from) {
    return new String(line, from, lineLength - from, StandardCharsets.ISO_8859_1).strip();
  }

  private boolean startsWith(String lower) {
    if (lineLength < lower.length()) {
      return false;
    }
    for (int i = 0; i < lower.length(); i++) {
      if (Character.toLowerCase(line[i]) != lower.charAt(i)) {
        return false;
      }
    }
    return true;
  }

  private int readLine() throws IOException {
    lineLength = 0;
    for (int b = in.read(); b != '\n'; b = in.read()) {
      if (b < 0) {
        throw new EOFException("the node closed the connection");
      }
      if (b != '\r') {
        if (lineLength == line.length) {
          line = java.util.Arrays.copyOf(line, lineLength * 2);
        }
        line[lineLength++] = (byte) b;
      }
    }
    return lineLength;
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
