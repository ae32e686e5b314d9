package io.tidemark.server.allezon;

import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import io.tidemark.app.App;
import io.tidemark.app.RollupSpec;
import io.tidemark.app.TimelineSpec;
import io.tidemark.ingest.Batch;
import io.tidemark.ingest.EventParser;
import io.tidemark.ingest.Refusal;
import io.tidemark.server.http.Api;
import io.tidemark.server.http.Endpoint;
import io.tidemark.server.http.Marks;
import io.tidemark.server.http.Params;
import io.tidemark.server.http.Problem;
import io.tidemark.server.http.RequestBody;
import io.tidemark.server.http.Routes;
import io.tidemark.server.http.StreamGate;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// `POST /user_tags`, `POST /user_profiles/{cookie}`, `POST /aggregates`.
public final class AllezonRoutes implements Routes {
  /// The name of the contract in a declaration.
  public static final String CONTRACT = "allezon";

  private static final String PROFILES = "/user_profiles/";

  /// A tag has a few hundred bytes; a query's expected answer at most 400 tags.
  private static final int MAX_TAG_BYTES = 1 << 20;

  private static final int MAX_EXPECTED_BYTES = 16 << 20;

  private final Api api;
  private final StreamGate tags;
  private final Profiles profiles;
  private final Aggregates aggregates;
  private final Checker checker;

  /// @param app declares the stream `user_tags`, the timeline `profile` and the rollup `actions`
  /// @throws IllegalArgumentException where it does not
  public AllezonRoutes(Api api, App app, Checker checker) {
    this.api = api;
    this.checker = checker;
    if (app.streams().stream().noneMatch(s -> s.name().equals("user_tags"))) {
      throw new IllegalArgumentException(
          "contract allezon needs a stream named user_tags in app " + app.name());
    }
    this.tags = api.gate("user_tags");
    this.profiles = new Profiles(api, view(app, "profile", TimelineSpec.class));
    this.aggregates = new Aggregates(api, view(app, "actions", RollupSpec.class));
  }

  private static <T> T view(App app, String name, Class<T> kind) {
    return app.views().stream()
        .filter(v -> v.name().equals(name))
        .filter(kind::isInstance)
        .map(kind::cast)
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "contract allezon needs a %s named %s in app %s"
                        .formatted(
                            kind.getSimpleName()
                                .replace("Spec", "")
                                .toLowerCase(java.util.Locale.ROOT),
                            name,
                            app.name())));
  }

  @Override
  public List<Endpoint> endpoints() {
    return List.of(
        new Endpoint("POST", "/user_tags", api.metrics(), this::tag),
        new Endpoint("POST", "/user_profiles/{cookie}", api.metrics(), this::profile)
            .at(PROFILES + "*"),
        new Endpoint("POST", "/aggregates", api.metrics(), this::aggregate));
  }

  private void tag(ServerRequest request, ServerResponse response) throws IOException {
    Params.parse(request.query().rawValue()).allow(Set.of());
    try (RequestBody body = RequestBody.read(request, MAX_TAG_BYTES, api.inFlight())) {
      if (!body.isObject()) {
        throw new Problem(400, "not-a-tag", "the body must be one JSON object: a user tag");
      }
      Batch batch = tags.take(body.bytes(), body.length(), EventParser.Shape.JSON);
      Optional<Refusal> refusal =
          Optional.ofNullable(batch.broken())
              .or(() -> batch.refused().stream().findFirst().map(Batch.Item::refusal));
      if (refusal.isPresent()) {
        throw refused(refusal.get());
      }
      Marks.write(batch.mark(), response);
      response.status(204).send();
    }
  }

  private static Problem refused(Refusal refusal) {
    if (refusal.reason() == Refusal.Reason.LOG) {
      return new Problem(503, "log-unavailable", refusal.detail()).retryAfter(1);
    }
    String where = refusal.pointer().isEmpty() ? "" : refusal.pointer() + ": ";
    return new Problem(400, "not-a-tag", where + refusal.detail())
        .with("reason", refusal.code())
        .with("pointer", refusal.pointer());
  }

  private void profile(ServerRequest request, ServerResponse response) throws Exception {
    String raw = request.path().rawPath().substring(PROFILES.length());
    if (raw.indexOf('/') >= 0) {
      throw Problem.notFound("write /user_profiles/{cookie}, the cookie percent-encoded");
    }
    answer(
        request,
        response,
        profiles.answer(Params.decode("cookie", raw, false), params(request), after(request)));
  }

  private void aggregate(ServerRequest request, ServerResponse response) throws Exception {
    answer(request, response, aggregates.answer(params(request), after(request)));
  }

  private static Params params(ServerRequest request) {
    return Params.parse(request.query().rawValue());
  }

  private io.tidemark.query.Queries.After after(ServerRequest request) {
    return Marks.after(request, api.catalog());
  }

  private void answer(
      ServerRequest request,
      ServerResponse response,
      io.tidemark.query.Queries.Asked<?, ?, byte[]> asked)
      throws IOException {
    if (checker.isOn()) {
      try (RequestBody expected = RequestBody.read(request, MAX_EXPECTED_BYTES, api.inFlight())) {
        checker.check(
            request.prologue().uriPath().rawPath() + "?" + request.query().rawValue(),
            expected.text(),
            asked.answer().value());
      }
    }
    Marks.write(asked, response);
    Endpoint.json(response, asked.answer().value());
  }
}
