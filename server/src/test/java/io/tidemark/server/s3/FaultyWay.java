package io.tidemark.server.s3;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;

/// The way to an HTTP server, on which things go wrong. One request a connection: the server is
/// asked in HTTP/1.0, so that its answer ends where its connection does.
public final class FaultyWay implements AutoCloseable {
  private final URI server;
  private final ServerSocket listener;
  private final Set<Socket> open = ConcurrentHashMap.newKeySet();
  private final List<Request> requests = new ArrayList<>();
  private volatile Function<Request, Fault> faults = _ -> Fault.NONE;

  public FaultyWay(URI server) throws IOException {
    this.server = server;
    this.listener = new ServerSocket(0, 100, InetAddress.getLoopbackAddress());
    var _ = Thread.startVirtualThread(this::accept);
  }

  /// A request.
  ///
  /// @param target path and query
  /// @param number how many there have been before
  record Request(int number, String method, String target, String head, byte[] body) {
    boolean is(String wanted, String part) {
      return method.equals(wanted) && target.contains(part);
    }

    boolean has(String header) {
      return head.toLowerCase(Locale.ROOT).contains("\n" + header + ":");
    }
  }

  public URI address() {
    return URI.create("http://127.0.0.1:" + listener.getLocalPort());
  }

  /// Says from now on what goes wrong.
  void faults(Function<Request, Fault> from) {
    faults = from;
  }

  /// From now on something goes wrong with one request in so many, whatever it is.
  public void breakOneIn(int requests, Random random) {
    List<Fault> all =
        List.of(
            new Fault.Cut(),
            new Fault.LoseAnswer(),
            new Fault.CutAnswer(40),
            new Fault.FlipAnswer(100),
            new Fault.FlipRequest(100),
            Fault.Answer.slowDown(),
            Fault.Answer.internalError(),
            Fault.Answer.portal());
    faults = _ -> random.nextInt(requests) == 0 ? all.get(random.nextInt(all.size())) : Fault.NONE;
  }

  /// From now on nothing goes wrong.
  public void mend() {
    faults = _ -> Fault.NONE;
  }

  /// What has been asked, whatever became of it; forgotten then.
  List<Request> taken() {
    synchronized (requests) {
      List<Request> taken = List.copyOf(requests);
      requests.clear();
      return taken;
    }
  }

  private void accept() {
    while (!listener.isClosed()) {
      try {
        Socket socket = listener.accept();
        open.add(socket);
        var _ = Thread.startVirtualThread(() -> serve(socket));
      } catch (IOException e) {
        return;
      }
    }
  }

  private void serve(Socket socket) {
    boolean stalls = false;
    try {
      socket.setTcpNoDelay(true);
      InputStream in = new BufferedInputStream(socket.getInputStream(), 1 << 16);
      OutputStream out = socket.getOutputStream();
      String head = readHead(in);
      if (head.isEmpty()) {
        return;
      }
      if (head.toLowerCase(Locale.ROOT).contains("expect: 100-continue")) {
        out.write("HTTP/1.1 100 Continue\r\n\r\n".getBytes(StandardCharsets.ISO_8859_1));
      }
      byte[] body = in.readNBytes(contentLength(head));
      String[] first = head.split(" ", 3);
      Request request;
      synchronized (requests) {
        request = new Request(requests.size(), first[0], first[1], head, body);
        requests.add(request);
      }
      stalls = answer(request, out);
    } catch (IOException _) {
      // One of the two has gone.
    } finally {
      if (!stalls) {
        close(socket);
      }
    }
  }

  /// @return whether the connection stays open for ever
  private boolean answer(Request request, OutputStream out) throws IOException {
    switch (faults.apply(request)) {
      case Fault.None _ -> out.write(ask(request, request.body()));
      case Fault.Cut _ -> {}
      case Fault.Stall _ -> {
        return true;
      }
      case Fault.LoseAnswer _ -> {
        byte[] _ = ask(request, request.body());
      }
      case Fault.Answer made -> {
        byte[] body = made.body().getBytes(StandardCharsets.UTF_8);
        String head =
            "HTTP/1.1 %d Made up\r\nContent-Length: %d\r\nConnection: close\r\n\r\n"
                .formatted(made.status(), body.length);
        out.write(head.getBytes(StandardCharsets.ISO_8859_1));
        out.write(request.method().equals("HEAD") ? new byte[0] : body);
      }
      case Fault.CutAnswer cut ->
          out.write(beginning(ask(request, request.body()), cut.afterBytes()));
      case Fault.StallAnswer stall -> {
        out.write(beginning(ask(request, request.body()), stall.afterBytes()));
        return true;
      }
      case Fault.FlipAnswer flip -> {
        byte[] answer = ask(request, request.body());
        int at = bodyAt(answer) + flip.at();
        if (at < answer.length) {
          answer[at] ^= 1;
        }
        out.write(answer);
      }
      case Fault.FlipRequest flip -> {
        byte[] body = request.body().clone();
        if (flip.at() < body.length) {
          body[flip.at()] ^= 1;
        }
        out.write(ask(request, body));
      }
    }
    return false;
  }

  /// An answer up to so many bytes of its body.
  private static byte[] beginning(byte[] answer, int bodyBytes) {
    return Arrays.copyOf(answer, Math.min(answer.length, bodyAt(answer) + bodyBytes));
  }

  private static int bodyAt(byte[] answer) {
    return new String(answer, StandardCharsets.ISO_8859_1).indexOf("\r\n\r\n") + 4;
  }

  /// The server's whole answer, as it is on the wire.
  private byte[] ask(Request request, byte[] body) throws IOException {
    try (Socket socket = new Socket(server.getHost(), server.getPort())) {
      String head =
          request
              .head()
              .replaceFirst(" HTTP/1.1\r\n", " HTTP/1.0\r\n")
              .replaceAll("(?i)\r\n(connection|expect): [^\r]*", "");
      OutputStream out = socket.getOutputStream();
      out.write(head.getBytes(StandardCharsets.ISO_8859_1));
      out.write(body);
      out.flush();
      byte[] answer = socket.getInputStream().readAllBytes();
      String text = new String(answer, 0, 9, StandardCharsets.ISO_8859_1);
      return text.equals("HTTP/1.0 ") ? withVersion(answer) : answer;
    }
  }

  private static byte[] withVersion(byte[] answer) {
    answer[7] = '1';
    return answer;
  }

  private static String readHead(InputStream in) throws IOException {
    ByteArrayOutputStream head = new ByteArrayOutputStream();
    int state = 0;
    while (state < 4) {
      int b = in.read();
      if (b < 0) {
        return "";
      }
      head.write(b);
      state = b == "\r\n\r\n".charAt(state) ? state + 1 : b == '\r' ? 1 : 0;
    }
    return head.toString(StandardCharsets.ISO_8859_1);
  }

  private static int contentLength(String head) {
    return head.lines()
        .filter(l -> l.toLowerCase(Locale.ROOT).startsWith("content-length:"))
        .findFirst()
        .map(l -> Integer.parseInt(l.substring(l.indexOf(':') + 1).strip()))
        .orElse(0);
  }

  private void close(Socket socket) {
    open.remove(socket);
    try {
      socket.close();
    } catch (IOException _) {
      // It is gone either way.
    }
  }

  @Override
  public void close() throws IOException {
    listener.close();
    open.forEach(this::close);
  }
}
