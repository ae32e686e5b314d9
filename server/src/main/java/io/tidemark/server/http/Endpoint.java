package io.tidemark.server.http;

import io.helidon.http.HeaderNames;
import io.helidon.http.HeaderValues;
import io.helidon.http.RequestException;
import io.helidon.http.Status;
import io.helidon.webserver.CloseConnectionException;
import io.helidon.webserver.http.Handler;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import io.tidemark.event.AnswerBytes;
import io.tidemark.log.StreamPartition;
import io.tidemark.query.Shards;
import io.tidemark.rollup.Groups;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One operation of the API: runs it, turns what goes wrong into a problem document, and counts it.
public final class Endpoint implements Handler {
  private static final Logger LOG = LoggerFactory.getLogger(Endpoint.class);

  /// The members of a problem that say which shard stays closed.
  public static final String CLOSED_STREAM = "stream";

  public static final String CLOSED_PARTITION = "partition";

  /// The member of a problem that says which view is being filled.
  public static final String FILLING_VIEW = "view";

  /// The member of a problem that has the definition of a view which answers in another's place.
  public static final String EARLIER_VIEW = "earlier";

  private final String method;
  private final String route;
  private final ApiMetrics metrics;
  private final Operation operation;
  private final String pattern;

  private static final int FILLING_RETRY_SECONDS = 5;

  /// What an endpoint does.
  @FunctionalInterface
  public interface Operation {
    void serve(ServerRequest request, ServerResponse response) throws Exception;
  }

  /// @param route the path, with `{names}` for its variable parts, under which it is counted
  public Endpoint(String method, String route, ApiMetrics metrics, Operation operation) {
    this(method, route, metrics, operation, route);
  }

  private Endpoint(
      String method, String route, ApiMetrics metrics, Operation operation, String pattern) {
    this.method = method;
    this.route = route;
    this.metrics = metrics;
    this.operation = operation;
    this.pattern = pattern;
  }

  /// The same, served at all paths of a pattern, and reading the path by itself.
  public Endpoint at(String pattern) {
    return new Endpoint(method, route, metrics, operation, pattern);
  }

  String method() {
    return method;
  }

  String route() {
    return route;
  }

  /// Which paths it serves.
  String pattern() {
    return pattern;
  }

  @Override
  public void handle(ServerRequest request, ServerResponse response) {
    long start = System.nanoTime();
    Remainder remainder = new Remainder(request);
    try {
      operation.serve(request, response);
    } catch (Problem e) {
      answer(e, response, remainder);
    } catch (Groups.TooMany e) {
      answer(
          new Problem(422, "too-many-groups", String.valueOf(e.getMessage())), response, remainder);
    } catch (AnswerBytes.TooLarge e) {
      answer(
          new Problem(422, "answer-too-large", String.valueOf(e.getMessage())),
          response,
          remainder);
    } catch (Shards.NotVisibleException e) {
      answer(
          new Problem(504, "not-visible-yet", String.valueOf(e.getMessage())), response, remainder);
    } catch (Shards.DataDamagedException e) {
      LOG.error("{} {}: {}", method, route, e.getMessage());
      Problem problem = new Problem(503, "data-damaged", String.valueOf(e.getMessage()));
      answer(saysWhen(problem, 5, e), response, remainder);
    } catch (Shards.ViewFillingException e) {
      Problem problem = new Problem(503, "view-filling", String.valueOf(e.getMessage()));
      e.closed().ifPresent(shard -> saysWhich(problem, shard));
      problem.with(FILLING_VIEW, e.view());
      e.earlier().ifPresent(definition -> problem.with(EARLIER_VIEW, definition));
      answer(problem.retryAfter(FILLING_RETRY_SECONDS), response, remainder);
    } catch (Shards.UnavailableException e) {
      LOG.warn("{} {}: {}", method, route, e.getMessage());
      Problem problem = new Problem(503, "unavailable", String.valueOf(e.getMessage()));
      answer(saysWhen(problem, 1, e), response, remainder);
    } catch (RequestException e) {
      answer(notHttp(e), response, remainder);
    } catch (java.io.UncheckedIOException | CloseConnectionException e) {
      // The client went away, or was cut off, in the middle: there is nobody to answer.
      LOG.debug("{} {}: {}", method, route, e.getMessage());
      throw new CloseConnectionException("the client has gone", e);
    } catch (Exception e) {
      LOG.error("{} {} failed", method, route, e);
      answer(
          new Problem(500, "internal", "this node has failed to serve the request; see its log"),
          response,
          remainder);
    } finally {
      metrics.answered(method, route, response.status().code(), System.nanoTime() - start);
    }
    ClientPace.awaitNextRequest();
    remainder.settle(response);
  }

  /// When to ask again, or which shard makes that useless.
  private static Problem saysWhen(
      Problem problem, int retryAfterSeconds, Shards.UnavailableException e) {
    Optional<StreamPartition> closed = e.closed();
    return closed.isPresent()
        ? saysWhich(problem, closed.get())
        : problem.retryAfter(retryAfterSeconds);
  }

  private static Problem saysWhich(Problem problem, StreamPartition shard) {
    return problem.with(CLOSED_STREAM, shard.stream()).with(CLOSED_PARTITION, shard.partition());
  }

  /// The server's complaint about a request that is not HTTP as it should be.
  private static Problem notHttp(RequestException e) {
    String message = e.getMessage() == null ? e.status().reasonPhrase() : e.getMessage();
    return e.status().code() == 413
        ? new Problem(413, "body-too-large", "a chunk of the body is larger than a body may be")
        : new Problem(e.status().code(), "bad-request", message);
  }

  private static void answer(Problem problem, ServerResponse response, Remainder remainder) {
    if (response.isSent()) {
      return;
    }
    response.status(problem.status());
    response.header(HeaderNames.CONTENT_TYPE, "application/problem+json");
    if (problem.retryAfterSeconds() >= 0) {
      response.header(HeaderNames.RETRY_AFTER, Integer.toString(problem.retryAfterSeconds()));
    }
    boolean isLate = problem.status() == Status.REQUEST_TIMEOUT_408.code();
    if (isLate || remainder.isLong()) {
      // What is left of the body would take too long.
      response.header(HeaderValues.CONNECTION_CLOSE);
    }
    response.send(problem.document());
  }

  /// Answers 200 with JSON.
  public static void json(ServerResponse response, byte[] document) {
    response.header(HeaderNames.CONTENT_TYPE, "application/json");
    response.send(document);
  }
}
