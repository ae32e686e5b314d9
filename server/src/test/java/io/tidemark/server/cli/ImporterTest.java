package io.tidemark.server.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpServer;
import io.tidemark.server.cli.Delivery.Line;
import io.tidemark.server.cli.Delivery.Refused;
import io.tidemark.server.cli.Delivery.Settled;
import io.tidemark.server.cli.Importer.Counts;
import io.tidemark.server.cli.Importer.Place;
import io.tidemark.server.client.NodeClient;
import io.tidemark.server.imports.FileFormat;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What becomes of batches, with something in the node's place that answers as it is told.
class ImporterTest {
  private static final String ACCEPTED = "{\"accepted\":1,\"refused\":[]}";
  private static final String REFUSED =
      "{\"accepted\":0,\"refused\":[{\"index\":0,\"reason\":\"%s\",\"detail\":\"d\"}]}";

  @TempDir private Path folder;
  private final Deque<String> answers = new ArrayDeque<>();
  private final List<String> bodies = new ArrayList<>();
  private final List<String> heard = new ArrayList<>();
  private HttpServer server;
  private NodeClient node;

  @BeforeEach
  void start() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext(
        "/",
        exchange -> {
          byte[] body = exchange.getRequestBody().readAllBytes();
          bodies.add(new String(body, StandardCharsets.UTF_8));
          byte[] answer = answers.pop().getBytes(StandardCharsets.UTF_8);
          exchange.sendResponseHeaders(200, answer.length);
          exchange.getResponseBody().write(answer);
          exchange.close();
        });
    server.start();
    node = new NodeClient("http://127.0.0.1:" + server.getAddress().getPort());
  }

  @AfterEach
  void stop() {
    node.close();
    server.stop(0);
  }

  private Delivery delivery() {
    return new Delivery(node, "s", "import", true);
  }

  private static List<Line> lines(String... texts) {
    List<Line> lines = new ArrayList<>();
    for (String text : texts) {
      lines.add(new Line(lines.size() + 1L, text.getBytes(StandardCharsets.UTF_8)));
    }
    return lines;
  }

  private final class Heard implements Importer.Report {
    private final @Nullable Error error;

    Heard(@Nullable Error error) {
      this.error = error;
    }

    @Override
    public void refused(int file, Refused refused) {
      heard.add(refused.line().number() + " " + refused.reason());
      if (error != null) {
        throw error;
      }
    }

    @Override
    public void flush() {
      heard.add("flush");
    }

    @Override
    public void progress(int file, long bytesRead, Counts counts) {
      // Nobody looks.
    }
  }

  private Importer importer(long from, @Nullable Error error) {
    return new Importer(delivery(), 1, from, new Heard(error));
  }

  private Counts run(Importer importer, String text) throws Exception {
    Path file = Files.writeString(folder.resolve("a.ndjson"), text);
    return importer.run(1, _ -> FileFormat.NDJSON.open(file, Map.of()));
  }

  @Test
  void anAnswerMustTellWhatBecameOfEachLine() throws Exception {
    for (String bad :
        List.of(
            "{}",
            "welcome",
            "{\"accepted\":1,\"refused\":[]}",
            "{\"accepted\":1,\"refused\":[{\"index\":2,\"reason\":\"x\"}]}",
            "{\"accepted\":0,\"refused\":[{\"index\":0},{\"index\":0}]}")) {
      answers.add(bad);
      assertThatThrownBy(() -> delivery().deliver(lines("a", "b")))
          .isInstanceOf(CommandException.class)
          .hasMessageContaining("lines 1 to 2")
          .hasMessageContaining(bad);
    }
    answers.add("{\"accepted\":1,\"refused\":[{\"index\":0,\"reason\":\"x\",\"detail\":\"d\"}]}");
    Settled settled = delivery().deliver(lines("a", "b"));
    assertThat(settled.accepted()).isEqualTo(1);
    assertThat(settled.refused()).hasSize(1);
    assertThat(bodies.getLast()).isEqualTo("a\nb\n");
  }

  @Test
  void anErrorInADeliveryFailsTheImport() {
    answers.add(REFUSED.formatted("format"));
    Importer importer = importer(1, new OutOfMemoryError("a test's"));
    assertThatThrownBy(() -> run(importer, "\n{}\n"))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("a test's");
    assertThat(importer.state().place()).isEqualTo(new Place(0, 2));
    assertThat(importer.state().unsettled()).isEqualTo(1);
  }

  @Test
  void whatIsRefusedIsKeptBeforeItsBatchIsSettled() throws Exception {
    answers.add(REFUSED.formatted("format"));
    assertThat(run(importer(1, null), "{}")).isEqualTo(new Counts(0, 1));
    // Reading may come to the end of the file before, and flushes, too.
    assertThat(heard).containsSubsequence("1 format", "flush");
  }

  @Test
  void itBeginsWhereItIsTold() throws Exception {
    Importer importer = importer(3, null);
    assertThat(importer.state().place()).isEqualTo(new Place(0, 3));
    answers.add(ACCEPTED);
    assertThat(run(importer, "{}\n{}\n{\"c\":1}\n")).isEqualTo(new Counts(1, 0));
    assertThat(bodies).containsExactly("{\"c\":1}\n");
    assertThat(importer.state().place()).isEqualTo(new Place(1, 1));
  }

  @Test
  void refusedEventsOfEarlierImportsStay() throws IOException {
    Path file = Files.writeString(folder.resolve("refused.ndjson"), "{\"line\":1}\n{\"torn");
    try (RefusedFile refused = new RefusedFile(file)) {
      refused.write(
          Path.of("a"), "line", new Refused(lines("{}").getFirst(), "format", "/at", "no time"));
      refused.flush();
      assertThat(Files.readAllLines(file))
          .hasSize(3)
          .startsWith("{\"line\":1}", "{\"torn")
          .last()
          .asString()
          .contains("\"event\":{}");
    }
  }
}
