package io.tidemark.server.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.server.kafka.BrokerProcess;
import io.tidemark.server.kafka.EmbeddedBroker;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.http.HttpTimeoutException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A node whose broker is elsewhere, and goes away: killed, stopped for a while, not there yet.
/// Events are refused, what is visible is answered, and when the broker is back it all goes on by
/// itself.
class BrokerAwayIT {
  private static final Duration SOON = Duration.ofSeconds(20);
  private static final int WRITERS = 4;

  /// Longer than the log's client waits for an answer, and than a group for a sign of life.
  private static final int STOPPED_MS = 9_500;

  private final SplittableRandom random = new SplittableRandom(11);
  private final TagLedger tags = new TagLedger();
  private final OrderLedger orders = new OrderLedger();

  @Test
  void aNodeOutlivesItsBroker(@TempDir Path folder) throws Exception {
    Path kafka = folder.resolve("kafka");
    Path lab = LabApp.write(folder.resolve("lab"));
    String nobody = Http.freeAddress();
    BrokerProcess broker = BrokerProcess.start(kafka, EmbeddedBroker.ANY_PORT);
    try (Command lost = launchWithout(nobody, folder.resolve("lost"));
        NodeUnderTest node =
            NodeUnderTest.launchAt(
                Http.freeAddress(),
                folder.resolve("data"),
                List.of(Checkout.ALLEZON, lab),
                "--kafka",
                broker.bootstrap())) {
      Http http = node.awaitReady().http();
      tags.write(http, 40);
      verify(http);

      broker.kill();
      CompletableFuture<Http.Answer> waits = CompletableFuture.supplyAsync(() -> write(http, 1));
      broker = BrokerProcess.start(kafka, broker.port());
      waits.join().expect(204);

      try (Load _ = load(http)) {
        Poll.pass(1_500);
        broker.kill();
        refusesAndAnswers(http);
        broker = BrokerProcess.start(kafka, broker.port());
        goesOnAccepting(http);
      }
      goesOn(http);

      try (Load _ = load(http)) {
        Poll.pass(1_000);
        broker.signal("STOP");
        Poll.pass(STOPPED_MS);
        broker.signal("CONT");
        goesOnAccepting(http);
      }
      goesOn(http);

      assertThat(node.stop()).isIn(0, 143);
      broker.kill();
      node.relaunch();
      broker = BrokerProcess.start(kafka, broker.port());
      node.awaitReady();
      goesOn(http);
      saysThatThereIsNoBroker(lost, nobody);
    } finally {
      broker.close();
    }
  }

  private Load load(Http http) {
    Load load = new Load();
    for (int i = 0; i < WRITERS; i++) {
      SplittableRandom one = random.split();
      SplittableRandom other = random.split();
      load.with(() -> inTime(() -> tags.write(http, one)))
          .with(() -> inTime(() -> orders.write(http, other)));
    }
    return load;
  }

  /// The node is there all the time: no request may have to be given up.
  private static void inTime(Load.Step step) throws IOException {
    try {
      step.run();
    } catch (HttpTimeoutException e) {
      throw new AssertionError("no answer in time", e);
    }
  }

  private void refusesAndAnswers(Http http) throws IOException {
    Poll.until(
        "readiness says what is missing",
        SOON,
        () -> http.get("/health/ready").text().contains("the log cannot be reached"),
        () -> http.get("/health/ready").text());
    http.get("/health/live").expect(200);
    CompletableFuture<Http.Answer> one = CompletableFuture.supplyAsync(() -> write(http, 1));
    Http.Answer many = write(http, 10);
    one.join().expectProblem(503, "log-unavailable");
    assertThat(many.expect(503).json().get("accepted").asInt()).isZero();
    for (var refused : many.json().get("refused")) {
      assertThat(refused.get("reason").asString()).isEqualTo("log");
    }
    refusesAtOnce(http);
    // It is as good as ever at what it knows.
    for (int i = 0; i < 10; i++) {
      tags.queryVisible(http).expect(200);
    }
  }

  /// Those that come when it is known that the broker is away do not wait for it.
  private void refusesAtOnce(Http http) {
    long begun = System.nanoTime();
    for (int i = 0; i < 100; i++) {
      write(http, 1).expectProblem(503, "log-unavailable");
    }
    assertThat(Duration.ofNanos(System.nanoTime() - begun)).isLessThan(SOON);
  }

  private Http.Answer write(Http http, int size) {
    try {
      return tags.write(http, size);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void goesOnAccepting(Http http) {
    Poll.until("events are accepted", SOON, () -> tags.write(http, 1).status() == 204);
  }

  private void goesOn(Http http) throws IOException {
    goesOnAccepting(http);
    Poll.until(
        "it is ready",
        SOON,
        () -> http.get("/health/ready").status() == 200,
        () -> http.get("/health/ready").text());
    verify(http);
  }

  private void verify(Http http) throws IOException {
    tags.verify(http);
    orders.verify(http);
  }

  private static Command launchWithout(String broker, Path folder) {
    return Command.tidemark(
        "run",
        Checkout.ALLEZON.toString(),
        "--http",
        "127.0.0.1:0",
        "--data",
        folder.toString(),
        "--kafka",
        broker);
  }

  private static void saysThatThereIsNoBroker(Command node, String broker) {
    assertThat(node.exitCode(Duration.ofSeconds(60))).isEqualTo(1);
    assertThat(node.err())
        .contains("no answer from " + broker, "does the broker run?")
        .doesNotContain("\tat ");
  }
}
