package io.tidemark.server.http;

import io.helidon.http.HeaderName;
import io.helidon.http.HeaderNames;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import io.tidemark.app.Catalog;
import io.tidemark.app.EarlierView;
import io.tidemark.app.StreamSpec;
import io.tidemark.log.Mark;
import io.tidemark.log.StreamPartition;
import io.tidemark.query.Queries;
import io.tidemark.query.SqlAnswer;
import java.time.Duration;
import java.util.Map;

/// The headers that say what an answer stands for, and what it is to contain.
public final class Marks {
  private static final HeaderName MARK = HeaderNames.create("Tidemark");
  private static final HeaderName VIEW = HeaderNames.create("Tidemark-View");
  private static final String EARLIER = "earlier";
  private static final HeaderName AFTER = HeaderNames.create("Tidemark-After");

  /// How long a query waits for what it is to contain; then it is answered 504.
  private static final Duration MAX_WAIT = Duration.ofSeconds(10);

  private Marks() {}

  /// What the request wants to be contained.
  public static Queries.After after(ServerRequest request, Catalog catalog) {
    long deadline = System.nanoTime() + MAX_WAIT.toNanos();
    String text = request.headers().first(AFTER).orElse("");
    try {
      Mark mark = Mark.parse(text);
      for (Map.Entry<StreamPartition, Long> entry : mark.next().entrySet()) {
        StreamPartition at = entry.getKey();
        StreamSpec stream =
            catalog.stream(at.stream())
                .orElseThrow(() -> Problem.parameter("Tidemark-After", "no stream " + at.stream()));
        if (at.partition() >= stream.partitions()) {
          throw Problem.parameter("Tidemark-After", "no partition " + at);
        }
      }
      return new Queries.After(mark, deadline);
    } catch (IllegalArgumentException e) {
      throw Problem.parameter("Tidemark-After", String.valueOf(e.getMessage()));
    }
  }

  /// Says what the answer stands for, and where that is so, that it is of the view as it was
  /// declared before.
  public static void write(Queries.Asked<?, ?, ?> asked, ServerResponse response) {
    write(asked.answer().mark(), response);
    if (EarlierView.isNameOfOne(asked.view().name())) {
      response.header(VIEW, EARLIER);
    }
  }

  /// The same of an answer to SQL.
  public static void write(SqlAnswer answer, ServerResponse response) {
    write(answer.mark(), response);
    if (answer.isOfEarlierView()) {
      response.header(VIEW, EARLIER);
    }
  }

  /// Says what the answer stands for.
  public static void write(Mark mark, ServerResponse response) {
    if (!mark.next().isEmpty()) {
      response.header(MARK, mark.toString());
    }
  }
}
