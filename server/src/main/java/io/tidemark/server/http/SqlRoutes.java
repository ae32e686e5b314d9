package io.tidemark.server.http;

import io.helidon.http.HeaderNames;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import io.tidemark.query.Queries;
import io.tidemark.query.SqlAnswer;
import io.tidemark.query.SqlEngine;
import io.tidemark.query.SqlFormat;
import io.tidemark.query.SqlQuestion;
import io.tidemark.query.SqlRefusedException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.List;

/// `POST /v1/sql`.
public final class SqlRoutes implements Routes {
  /// Room for the longest query, escaped, and its parameters.
  private static final int MAX_BODY_BYTES = 1 << 20;

  /// Up to this size an answer is sent at once.
  private static final int SMALL_BYTES = 64 << 10;

  private final Api api;
  private final SqlEngine engine;
  private final Turns turns;
  private final List<String> tables;

  /// @param turns a unit for each query
  /// @param tables the names of all tables
  public SqlRoutes(Api api, SqlEngine engine, Turns turns, List<String> tables) {
    this.api = api;
    this.engine = engine;
    this.turns = turns;
    this.tables = List.copyOf(tables);
  }

  @Override
  public List<Endpoint> endpoints() {
    return List.of(new Endpoint("POST", "/v1/sql", api.metrics(), this::sql));
  }

  private void sql(ServerRequest request, ServerResponse response) throws Exception {
    SqlQuestion question;
    try (RequestBody body = RequestBody.read(request, MAX_BODY_BYTES, api.inFlight())) {
      question = SqlRequest.question(request, body);
    }
    SqlFormat format = SqlRequest.format(request);
    try (SqlAnswer answer = answer(question, format, request)) {
      Marks.write(answer, response);
      response.header(HeaderNames.CONTENT_TYPE, answer.format().contentType());
      send(answer, response);
    }
  }

  /// The answer, as long as the client waits for it.
  private SqlAnswer answer(SqlQuestion question, SqlFormat format, ServerRequest request)
      throws Exception {
    Queries.After after = Marks.after(request, api.catalog());
    return ClientWatch.workFor(
        () -> {
          try (Turns.Turn _ = turns.take(1)) {
            return engine.answer(question, format, after);
          } catch (SqlRefusedException e) {
            throw SqlProblems.of(e, tables);
          }
        });
  }

  private static void send(SqlAnswer answer, ServerResponse response) throws IOException {
    try (InputStream in = answer.open()) {
      if (answer.length() <= SMALL_BYTES) {
        response.send(in.readAllBytes());
        return;
      }
      response.contentLength(answer.length());
      try (OutputStream out = response.outputStream()) {
        in.transferTo(out);
      }
    }
  }
}
