package io.tidemark.server.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemark.app.Catalog;
import io.tidemark.event.AnswerBytes;
import io.tidemark.log.Mark;
import io.tidemark.log.StreamPartition;
import io.tidemark.query.Queries;
import io.tidemark.query.ShardQuery;
import io.tidemark.query.Shards;
import io.tidemark.query.SqlNeeds;
import io.tidemark.query.SqlRefusedException;
import io.tidemark.query.SqlRefusedException.Reason;
import io.tidemark.query.SqlShards;
import io.tidemark.rollup.Groups;
import io.tidemark.server.http.Endpoint;
import io.tidemark.server.http.ExcerptRoutes;
import io.tidemark.server.http.HttpServer;
import io.tidemark.server.http.PeerRoutes;
import io.tidemark.server.http.Problem;
import io.tidemark.server.streams.HostInfo;
import io.tidemark.table.EventQuery;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.assertj.core.api.AbstractThrowableAssert;
import org.junit.jupiter.api.Test;

/// What another node cannot answer is said here as it is said there.
final class HttpPeersTest {
  @Test
  void refusalsKeepTheirKind() throws IOException {
    refuses(new AnswerBytes.TooLarge("ask for fewer"), AnswerBytes.TooLarge.class);
    refuses(new Groups.TooMany("group by less"), Groups.TooMany.class);
    refuses(new Shards.NotVisibleException("not yet"), Shards.NotVisibleException.class);
    refuses(new Shards.UnavailableException("not here"), Shards.UnavailableException.class);
    refuses(new IllegalStateException("a mistake"), Shards.UnavailableException.class);
  }

  private static void refuses(Exception there, Class<? extends Exception> here) throws IOException {
    try (NodeMetrics metrics = new NodeMetrics();
        HttpPeers peers = new HttpPeers(new Catalog(List.of()))) {
      Endpoint endpoint =
          new Endpoint(
              "POST",
              PeerRoutes.PATH,
              metrics,
              (_, _) -> {
                throw there;
              });
      try (HttpServer node =
          HttpServer.start("127.0.0.1", 0, List.of(() -> List.of(endpoint)), metrics)) {
        HostInfo address = new HostInfo("127.0.0.1", node.port());
        ShardQuery query = new ShardQuery.OfEvents("s", new EventQuery(0, 1, List.of(), 10, null));
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
        assertThatThrownBy(() -> peers.ask(address, "s", List.of(0), query, Mark.NONE, deadline))
            .isExactlyInstanceOf(here);
      }
    }
  }

  @Test
  void whatIsNoExcerptIsNoAnswer() throws IOException {
    SqlShards.Excerpts none =
        (_, _, in) -> {
          assertThat(new String(in.readAllBytes(), StandardCharsets.UTF_8)).isEqualTo("garbage");
          throw new IOException("that is no excerpt");
        };
    fetches(
        (_, response) -> response.send("garbage".getBytes(StandardCharsets.UTF_8)),
        none,
        thrown ->
            thrown
                .isExactlyInstanceOf(Shards.UnavailableException.class)
                .hasMessageContaining("that is no excerpt"));
    fetches(
        refusing(new Problem(422, "too-much-memory", "narrow it")),
        none,
        thrown ->
            thrown.isInstanceOfSatisfying(
                SqlRefusedException.class,
                e -> assertThat(e.reason()).isEqualTo(Reason.TOO_MUCH_MEMORY)));
    fetches(
        refusing(new Shards.NotVisibleException("not yet")),
        none,
        thrown -> thrown.isExactlyInstanceOf(Shards.NotVisibleException.class));
    fetches(
        refusing(
            new Shards.ViewFillingException(
                "not all",
                Optional.of(new StreamPartition("s", 3)),
                "latest",
                Optional.of("timeline …"))),
        none,
        thrown ->
            thrown.isInstanceOfSatisfying(
                Shards.ViewFillingException.class,
                e -> {
                  assertThat(e.closed()).hasValue(new StreamPartition("s", 3));
                  assertThat(e.view()).isEqualTo("latest");
                  assertThat(e.earlier()).hasValue("timeline …");
                }));
    for (Exception cause :
        List.of(
            new Shards.UnavailableException("not here"),
            new Problem(429, "overload", "later"),
            new Problem(422, "sql-failed", "a mistake"),
            new IllegalStateException("a mistake"))) {
      fetches(
          refusing(cause),
          none,
          thrown -> thrown.isExactlyInstanceOf(Shards.UnavailableException.class));
    }
  }

  private static Endpoint.Operation refusing(Exception cause) {
    return (_, _) -> {
      throw cause;
    };
  }

  private static void fetches(
      Endpoint.Operation there,
      SqlShards.Excerpts excerpts,
      Consumer<AbstractThrowableAssert<?, ? extends Throwable>> says)
      throws IOException {
    try (NodeMetrics metrics = new NodeMetrics();
        HttpPeers peers = new HttpPeers(new Catalog(List.of()))) {
      Endpoint endpoint = new Endpoint("POST", ExcerptRoutes.PATH, metrics, there);
      try (HttpServer node =
          HttpServer.start("127.0.0.1", 0, List.of(() -> List.of(endpoint)), metrics)) {
        says.accept(
            assertThatThrownBy(
                () -> fetch(peers, new HostInfo("127.0.0.1", node.port()), excerpts)));
      }
    }
  }

  private static void fetch(HttpPeers peers, HostInfo node, SqlShards.Excerpts excerpts)
      throws Exception {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
    Runnable _ =
        peers.fetch(
            node,
            new SqlNeeds(List.of(), true),
            List.of(new StreamPartition("s", 0)),
            new Queries.After(Mark.NONE, deadline),
            deadline,
            excerpts);
  }

  /// So that the other node stops working.
  @Test
  void whoIsInterruptedClosesTheConnection() throws Exception {
    try (ServerSocket node = new ServerSocket(0, 10, InetAddress.getLoopbackAddress());
        HttpPeers peers = new HttpPeers(new Catalog(List.of()))) {
      FutureTask<Boolean> fetching =
          new FutureTask<>(
              () -> {
                assertThatThrownBy(
                        () ->
                            fetch(
                                peers,
                                new HostInfo("127.0.0.1", node.getLocalPort()),
                                (_, _, _) -> () -> {}))
                    .isExactlyInstanceOf(Shards.UnavailableException.class);
                return Thread.interrupted();
              });
      Thread asker = Thread.ofPlatform().start(fetching);
      try (Socket question = node.accept()) {
        question.setSoTimeout(20_000);
        assertThat(question.getInputStream().read()).isEqualTo('P');
        asker.interrupt();
        // The rest of the question, and its end.
        assertThat(question.getInputStream().readAllBytes()).isNotEmpty();
      }
      assertThat(fetching.get()).isTrue();
    }
  }
}
