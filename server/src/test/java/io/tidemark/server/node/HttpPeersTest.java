package io.tidemark.server.node;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemark.app.Catalog;
import io.tidemark.event.AnswerBytes;
import io.tidemark.log.Mark;
import io.tidemark.query.ShardQuery;
import io.tidemark.query.Shards;
import io.tidemark.rollup.Groups;
import io.tidemark.server.http.Endpoint;
import io.tidemark.server.http.HttpServer;
import io.tidemark.server.http.PeerRoutes;
import io.tidemark.server.streams.HostInfo;
import io.tidemark.table.EventQuery;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.TimeUnit;
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
}
