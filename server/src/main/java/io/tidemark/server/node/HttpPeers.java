package io.tidemark.server.node;

import io.helidon.webclient.api.HttpClientResponse;
import io.helidon.webclient.api.WebClient;
import io.tidemark.app.Catalog;
import io.tidemark.app.EarlierView;
import io.tidemark.app.RollupSpec;
import io.tidemark.app.ViewSpec;
import io.tidemark.event.AnswerBytes;
import io.tidemark.event.EventType;
import io.tidemark.log.Mark;
import io.tidemark.log.StreamPartition;
import io.tidemark.query.Partial;
import io.tidemark.query.PartialCodec;
import io.tidemark.query.Queries;
import io.tidemark.query.ShardQuery;
import io.tidemark.query.Shards.DataDamagedException;
import io.tidemark.query.Shards.NotVisibleException;
import io.tidemark.query.Shards.UnavailableException;
import io.tidemark.query.Shards.ViewFillingException;
import io.tidemark.query.SqlNeeds;
import io.tidemark.query.SqlRefusedException;
import io.tidemark.query.SqlRefusedException.Reason;
import io.tidemark.query.SqlShards;
import io.tidemark.rollup.Groups;
import io.tidemark.rollup.Rollup;
import io.tidemark.server.http.Endpoint;
import io.tidemark.server.http.ExcerptRoutes;
import io.tidemark.server.http.PeerRoutes;
import io.tidemark.server.http.SqlProblems;
import io.tidemark.server.streams.ExcerptPeers;
import io.tidemark.server.streams.HostInfo;
import io.tidemark.server.streams.Peers;
import java.io.ByteArrayInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;

/// Asks other nodes over HTTP.
final class HttpPeers implements Peers, ExcerptPeers, AutoCloseable {
  /// What a question may take beyond its deadline: the other side gives up at the deadline itself.
  private static final Duration GRACE = Duration.ofSeconds(2);

  /// A node that has not answered for so long is asked whether it is there at all.
  private static final Duration DOUBT = Duration.ofSeconds(1);

  /// How long it may take to say so.
  private static final Duration SIGN_OF_LIFE = Duration.ofSeconds(2);

  private static final ObjectMapper MAPPER = new ObjectMapper();

  private final Catalog catalog;
  private final WebClient client =
      WebClient.builder().connectTimeout(Duration.ofSeconds(2)).connectionCacheSize(64).build();

  HttpPeers(Catalog catalog) {
    this.catalog = catalog;
  }

  /// An answer may take as long as there is time for it; but that a node hangs, and will give none,
  /// shows while there is time to ask others.
  @Override
  public List<Partial> ask(
      HostInfo node,
      String stream,
      List<Integer> partitions,
      ShardQuery query,
      Mark after,
      long deadlineNanos)
      throws NotVisibleException, UnavailableException {
    return whileAlive(node, () -> exchange(node, stream, partitions, query, after, deadlineNanos));
  }

  @Override
  public Runnable fetch(
      HostInfo node,
      SqlNeeds needs,
      List<StreamPartition> shards,
      Queries.After after,
      long deadlineNanos,
      SqlShards.Excerpts excerpts)
      throws SqlRefusedException, NotVisibleException, UnavailableException {
    Sent sent =
        whileAlive(node, () -> exchange(node, needs, shards, after, deadlineNanos, excerpts));
    if (sent.refusal().isPresent()) {
      throw sent.refusal().get();
    }
    return sent.keep();
  }

  /// What a node has sent.
  ///
  /// @param refusal why there is nothing, where asking others is of no use
  /// @param keep keeps it
  private record Sent(Optional<SqlRefusedException> refusal, Runnable keep) {
    static Sent refused(SqlRefusedException refusal) {
      return new Sent(Optional.of(refusal), () -> {});
    }
  }

  /// Waits for an answer as long as the node gives signs of life. Who is interrupted ends the
  /// exchange, and so does a node without them.
  private <T> T whileAlive(HostInfo node, Callable<T> exchange)
      throws NotVisibleException, UnavailableException {
    FutureTask<T> answer = new FutureTask<>(exchange);
    var _ = Thread.startVirtualThread(answer);
    try {
      while (true) {
        try {
          return answer.get(DOUBT.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException _) {
          requireAlive(node);
        }
      }
    } catch (ExecutionException e) {
      switch (e.getCause()) {
        case NotVisibleException cause -> throw cause;
        case UnavailableException cause -> throw cause;
        case RuntimeException cause -> throw cause;
        case null, default -> throw new IllegalStateException(e);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new UnavailableException("interrupted", e);
    } finally {
      answer.cancel(true);
    }
  }

  private void requireAlive(HostInfo node) throws UnavailableException {
    try (HttpClientResponse _ =
        client.get("http://" + node + "/health/live").readTimeout(SIGN_OF_LIFE).request()) {
      // Any answer will do.
    } catch (RuntimeException e) {
      throw new UnavailableException(
          "node %s gives no sign of life: %s".formatted(node, e.getMessage()), e);
    }
  }

  private List<Partial> exchange(
      HostInfo node,
      String stream,
      List<Integer> partitions,
      ShardQuery query,
      Mark after,
      long deadlineNanos)
      throws NotVisibleException, UnavailableException {
    Duration patience = left(deadlineNanos);
    try (HttpClientResponse response =
        client
            .post("http://" + node + PeerRoutes.PATH)
            .readTimeout(patience.plus(GRACE))
            .submit(
                PeerRoutes.question(
                    catalog, stream, partitions, after, patience.toMillis(), query))) {
      int status = response.status().code();
      try (InputStream in = response.inputStream()) {
        byte[] body = in.readAllBytes();
        return switch (status) {
          case 200 -> read(body, stream, query);
          case 422 -> throw tooMuch(MAPPER.readTree(body));
          default -> throw noAnswer(node, status, body);
        };
      }
    } catch (Groups.TooMany | AnswerBytes.TooLarge e) {
      throw e;
    } catch (IOException | RuntimeException e) {
      throw new UnavailableException(
          "node %s does not answer: %s".formatted(node, e.getMessage()), e);
    }
  }

  /// Has a node send an excerpt.
  private Sent exchange(
      HostInfo node,
      SqlNeeds needs,
      List<StreamPartition> shards,
      Queries.After after,
      long deadlineNanos,
      SqlShards.Excerpts excerpts)
      throws NotVisibleException, UnavailableException {
    Duration patience = left(after.deadlineNanos());
    Duration time = left(deadlineNanos);
    try (HttpClientResponse response =
        client
            .post("http://" + node + ExcerptRoutes.PATH)
            .readTimeout(time.plus(GRACE))
            .submit(
                ExcerptRoutes.question(
                    catalog, needs, shards, after.mark(), patience.toMillis(), time.toMillis()))) {
      int status = response.status().code();
      try (InputStream in = response.inputStream()) {
        if (status == 200) {
          return new Sent(Optional.empty(), excerpts.take(node.toString(), shards, in));
        }
        byte[] body = in.readAllBytes();
        if (status == 422) {
          JsonNode problem = MAPPER.readTree(body);
          Optional<Reason> limit = SqlProblems.limit(problem.path("type").asString(""));
          if (limit.isPresent()) {
            return Sent.refused(new SqlRefusedException(limit.get(), detail(node, problem)));
          }
          throw new UnavailableException(detail(node, problem));
        }
        throw noAnswer(node, status, body);
      }
    } catch (SqlRefusedException e) {
      return Sent.refused(e);
    } catch (IOException | RuntimeException e) {
      throw new UnavailableException(
          "node %s does not answer: %s".formatted(node, e.getMessage()), e);
    }
  }

  private static Duration left(long deadlineNanos) {
    return Duration.ofNanos(Math.max(0, deadlineNanos - System.nanoTime()));
  }

  /// What is to be said of an answer that is none.
  private static UnavailableException noAnswer(HostInfo node, int status, byte[] body)
      throws NotVisibleException {
    return switch (status) {
      case 504 -> throw new NotVisibleException(detail(node, MAPPER.readTree(body)));
      case 400, 429 -> new UnavailableException(detail(node, MAPPER.readTree(body)));
      case 503 -> unavailable(node, MAPPER.readTree(body));
      default -> new UnavailableException("node %s answered %d".formatted(node, status));
    };
  }

  private static RuntimeException tooMuch(JsonNode problem) {
    String detail = problem.path("detail").asString("the answer is too large");
    return problem.path("type").asString("").endsWith("too-many-groups")
        ? new Groups.TooMany(detail)
        : new AnswerBytes.TooLarge(detail);
  }

  private static UnavailableException unavailable(HostInfo node, JsonNode problem) {
    String detail = detail(node, problem);
    JsonNode partition = problem.path(Endpoint.CLOSED_PARTITION);
    Optional<StreamPartition> closed =
        problem
            .path(Endpoint.CLOSED_STREAM)
            .stringValueOpt()
            .filter(_ -> partition.isInt())
            .map(stream -> new StreamPartition(stream, partition.asInt()));
    if (problem.path("type").asString("").endsWith(":view-filling")) {
      Optional<String> earlier = problem.path(Endpoint.EARLIER_VIEW).stringValueOpt();
      String view = problem.path(Endpoint.FILLING_VIEW).asString("");
      return new ViewFillingException(detail, closed, view, earlier);
    }
    return problem.path("type").asString("").endsWith(":data-damaged")
        ? new DataDamagedException(detail, closed)
        : new UnavailableException(detail, closed);
  }

  private static String detail(HostInfo node, JsonNode problem) {
    return "node %s: %s".formatted(node, problem.path("detail").asString("unavailable"));
  }

  private List<Partial> read(byte[] body, String stream, ShardQuery query) throws IOException {
    DataInputStream in = new DataInputStream(new ByteArrayInputStream(body));
    List<Partial> partials = new ArrayList<>();
    for (int left = in.readInt(); left > 0; left--) {
      partials.add(PartialCodec.read(in, emptyGroups(stream, query)));
    }
    return partials;
  }

  private Supplier<Groups> emptyGroups(String stream, ShardQuery query) {
    return () -> {
      if (query instanceof ShardQuery.OfRollup(String name, String definition, var rollupQuery)
          && view(stream, name, definition) instanceof RollupSpec spec) {
        return new Rollup(spec, catalog.streamOf(spec).type()).answer(rollupQuery);
      }
      throw new IllegalArgumentException("groups in the answer to " + query);
    };
  }

  private ViewSpec view(String stream, String name, String definition) {
    EventType type = catalog.stream(stream).orElseThrow().type();
    return catalog
        .view(name)
        .or(() -> EarlierView.read(EarlierView.declaredName(name), definition, type))
        .orElseThrow();
  }

  @Override
  public void close() {
    client.closeResource();
  }
}
