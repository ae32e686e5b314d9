package io.tidemark.server.allezon;

import io.tidemark.app.TimelineSpec;
import io.tidemark.event.EventCodec;
import io.tidemark.event.EventRow;
import io.tidemark.event.EventType;
import io.tidemark.event.StoredEvent;
import io.tidemark.query.Queries;
import io.tidemark.query.Shards;
import io.tidemark.server.http.Api;
import io.tidemark.server.http.Json;
import io.tidemark.server.http.Params;
import io.tidemark.server.http.QueryRoutes;
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
  private final int action;

  Profiles(Api api, TimelineSpec view) {
    this.api = api;
    this.view = view;
    this.type = api.catalog().streamOf(view).type();
    this.action = type.indexOf("action");
    boolean fits =
        view.by() == type.indexOf("cookie")
            && view.split() == action
            && view.keep() >= DEFAULT_LIMIT;
    if (!fits) {
      throw new IllegalArgumentException(
          "contract allezon needs timeline %s by cookie, split by action, keeping %d or more"
              .formatted(view.name(), DEFAULT_LIMIT));
    }
  }

  Queries.Answer<byte[]> answer(String cookie, Params params, Queries.After after)
      throws Shards.NotVisibleException, Shards.UnavailableException {
    params.allow(Set.of("time_range", "limit"));
    TimeRange range = TimeRange.ofProfile(params);
    int limit = limit(params);
    TimelineQuery query =
        new TimelineQuery(
            cookie.getBytes(StandardCharsets.UTF_8),
            range.from(),
            range.to(),
            List.of(VIEW, BUY),
            2 * view.keep());
    Queries.Answer<List<StoredEvent>> answer = api.queries().timeline(view, query, after);
    ByteArrayOutputStream out = new ByteArrayOutputStream(4096);
    out.writeBytes("{\"cookie\":".getBytes(StandardCharsets.UTF_8));
    out.writeBytes(Json.bytes(json -> json.writeString(cookie)));
    out.writeBytes(",\"views\":".getBytes(StandardCharsets.UTF_8));
    write(answer.value(), "VIEW", limit, out);
    out.writeBytes(",\"buys\":".getBytes(StandardCharsets.UTF_8));
    write(answer.value(), "BUY", limit, out);
    out.write('}');
    return new Queries.Answer<>(out.toByteArray(), answer.mark());
  }

  /// Any positive integer; there are never more tags than an int can count.
  private static int limit(Params params) {
    String text = params.one("limit").orElse("");
    boolean isBeyondInt = text.length() > 9 && MANY.matcher(text).matches();
    return isBeyondInt
        ? Integer.MAX_VALUE
        : params.integer("limit", DEFAULT_LIMIT, 1, Integer.MAX_VALUE);
  }

  private void write(
      List<StoredEvent> events, String wanted, int limit, ByteArrayOutputStream out) {
    EventRow row = new EventRow(type);
    List<StoredEvent> ofAction =
        events.stream()
            .filter(
                event -> {
                  EventCodec.decodeValue(event.value(), row);
                  return row.string(action).equals(wanted);
                })
            .limit(limit)
            .toList();
    QueryRoutes.array(ofAction, api.gateOf(view).renderer(), out);
  }
}
