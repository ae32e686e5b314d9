package io.tidemark.server.allezon;

import io.tidemark.app.TimelineSpec;
import io.tidemark.event.EventRenderer;
import io.tidemark.event.EventType;
import io.tidemark.event.StoredEvent;
import io.tidemark.query.Queries;
import io.tidemark.query.Shards;
import io.tidemark.server.http.Api;
import io.tidemark.server.http.Json;
import io.tidemark.server.http.Params;
import io.tidemark.timeline.TimelineQuery;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;

/// `POST /user_profiles/{cookie}`: the newest views and buys of one cookie.
final class Profiles {
  private static final int DEFAULT_LIMIT = 200;
  private static final Pattern MANY = Pattern.compile("[1-9][0-9]*");
  private static final byte[] VIEW = "VIEW".getBytes(StandardCharsets.UTF_8);
  private static final byte[] BUY = "BUY".getBytes(StandardCharsets.UTF_8);

  private final Api api;
  private final TimelineSpec view;
  private final EventType type;

  Profiles(Api api, TimelineSpec view) {
    this.api = api;
    this.view = view;
    this.type = api.catalog().streamOf(view).type();
    requireFit(view);
  }

  private void requireFit(TimelineSpec some) {
    boolean fits =
        some.by() == type.indexOf("cookie")
            && some.split() == type.indexOf("action")
            && some.keep() >= DEFAULT_LIMIT;
    if (!fits) {
      throw new IllegalArgumentException(
          "contract allezon needs timeline %s by cookie, split by action, keeping %d or more"
              .formatted(view.name(), DEFAULT_LIMIT));
    }
  }

  Queries.Asked<?, ?, byte[]> answer(String cookie, Params params, Queries.After after)
      throws Shards.NotVisibleException, Shards.UnavailableException {
    params.allow(Set.of("time_range", "limit"));
    TimeRange range = TimeRange.ofProfile(params);
    int limit = limit(params);
    byte[] key = cookie.getBytes(StandardCharsets.UTF_8);
    Queries.Asked<TimelineSpec, TimelineQuery, List<List<StoredEvent>>> asked =
        api.queries()
            .timelineApart(
                view,
                v -> {
                  requireFit(v);
                  return new TimelineQuery(
                      key, range.from(), range.to(), List.of(VIEW, BUY), limit);
                },
                after);
    EventRenderer renderer = api.gateOf(view).renderer();
    List<StoredEvent> views = asked.answer().value().getFirst();
    List<StoredEvent> buys = asked.answer().value().getLast();
    ByteArrayOutputStream out =
        new ByteArrayOutputStream(StoredEvent.bytesAsJson(views) + StoredEvent.bytesAsJson(buys));
    out.writeBytes("{\"cookie\":".getBytes(StandardCharsets.UTF_8));
    out.writeBytes(Json.bytes(json -> json.writeString(cookie)));
    out.writeBytes(",\"views\":".getBytes(StandardCharsets.UTF_8));
    renderer.render(views, out);
    out.writeBytes(",\"buys\":".getBytes(StandardCharsets.UTF_8));
    renderer.render(buys, out);
    out.write('}');
    return asked.as(out.toByteArray());
  }

  /// Any positive integer; there are never more tags than an int can count.
  private static int limit(Params params) {
    String text = params.one("limit").orElse("");
    boolean isBeyondInt = text.length() > 9 && MANY.matcher(text).matches();
    return isBeyondInt
        ? Integer.MAX_VALUE
        : params.integer("limit", DEFAULT_LIMIT, 1, Integer.MAX_VALUE);
  }
}
