package io.tidemark.server.it;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/// A connection to a node on which anything may be sent, HTTP or not, and on which answers are read
/// one by one.
final class RawConnection implements AutoCloseable {
  /// Nothing takes so long unless it hangs.
  private static final int HANGS_MS = 60_000;

  private final Socket socket = new Socket();
  private final InputStream in;

  /// An answer.
  ///
  /// @param headers by name in lower case
  record Answer(int status, Map<String, String> headers, byte[] body) {
    String text() {
      return new String(body, java.nio.charset.StandardCharsets.UTF_8);
    }

    String header(String name) {
      return headers.getOrDefault(name, "");
    }
  }

  private RawConnection(String address, int receiveBuffer) throws IOException {
    URI uri = URI.create(address);
    if (receiveBuffer > 0) {
      socket.setReceiveBufferSize(receiveBuffer);
    }
    socket.setSoTimeout(HANGS_MS);
    socket.connect(new InetSocketAddress(uri.getHost(), uri.getPort()), HANGS_MS);
    in = new BufferedInputStream(socket.getInputStream());
  }

  static RawConnection to(Http http) throws IOException {
    return new RawConnection(http.address(), 0);
  }

  /// With little room for what the node sends, so that it notices that nobody reads.
  static RawConnection narrow(Http http) throws IOException {
    return new RawConnection(http.address(), 8 << 10);
  }

  RawConnection send(String text) throws IOException {
    return send(text.getBytes(java.nio.charset.StandardCharsets.UTF_8));
  }

  RawConnection send(byte[] bytes) throws IOException {
    socket.getOutputStream().write(bytes);
    return this;
  }

  /// Sends part of these bytes.
  void send(byte[] bytes, int from, int length) throws IOException {
    socket.getOutputStream().write(bytes, from, length);
  }

  /// Whether something has come.
  boolean hasAnswer() throws IOException {
    return in.available() > 0;
  }

  /// Sends as much as the node takes before it closes the connection.
  void trySend(byte[] bytes) throws IOException {
    try {
      send(bytes);
    } catch (SocketException _) {
      // Refused before all of it was sent; the answer may be there.
    }
  }

  /// Says that nothing more will come, where that matters still.
  void tryEnd() throws IOException {
    try {
      end();
    } catch (SocketException _) {
      // Closed already.
    }
  }

  /// Says that nothing more will come.
  RawConnection end() throws IOException {
    socket.shutdownOutput();
    return this;
  }

  /// Reads the next answer; empty where the node has closed the connection instead.
  ///
  /// @throws IllegalStateException where what comes is not an answer
  Optional<Answer> read() throws IOException {
    String status = line();
    if (status.isEmpty()) {
      return Optional.empty();
    }
    if (!status.matches("HTTP/1\\.1 [1-5][0-9]{2} [\\x20-\\x7e]*")) {
      throw new IllegalStateException("not a status line: " + status);
    }
    Map<String, String> headers = new TreeMap<>();
    for (String line = line(); !line.isEmpty(); line = line()) {
      int colon = line.indexOf(':');
      if (colon < 1) {
        throw new IllegalStateException("not a header: " + line);
      }
      headers.put(
          line.substring(0, colon).toLowerCase(Locale.ROOT), line.substring(colon + 1).strip());
    }
    int code = Integer.parseInt(status.substring(9, 12));
    if (code == 100) {
      return read();
    }
    int length = Integer.parseInt(headers.getOrDefault("content-length", "0"));
    byte[] body = in.readNBytes(length);
    if (body.length < length) {
      throw new IllegalStateException("cut short: " + status);
    }
    return Optional.of(new Answer(code, headers, body));
  }

  /// Reads answers until the node closes.
  List<Answer> readAll() throws IOException {
    List<Answer> answers = new ArrayList<>();
    try {
      for (Optional<Answer> next = read(); next.isPresent(); next = read()) {
        answers.add(next.get());
      }
    } catch (SocketException _) {
      // Reset: the node had something unread from us when it closed.
    }
    return answers;
  }

  private String line() throws IOException {
    ByteArrayOutputStream line = new ByteArrayOutputStream();
    for (int b = in.read(); b >= 0; b = in.read()) {
      if (b == '\n') {
        String text = line.toString(ISO_8859_1);
        return text.endsWith("\r") ? text.substring(0, text.length() - 1) : text;
      }
      line.write(b);
    }
    return "";
  }

  @Override
  public void close() {
    try {
      socket.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
