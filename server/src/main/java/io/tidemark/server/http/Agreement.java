package io.tidemark.server.http;

import io.tidemark.app.Catalog;
import io.tidemark.app.StreamSpec;
import io.tidemark.event.EventCodec;
import io.tidemark.event.Hashing;
import io.tidemark.query.ShardQuery;
import io.tidemark.query.SqlNeeds;
import io.tidemark.table.Condition;
import io.tidemark.table.TableShape;
import java.nio.charset.StandardCharsets;
import java.util.List;

/// What two nodes must have alike to understand each other's questions: while nodes are started
/// anew one after the other, with a schema that has changed, columns have other numbers on some of
/// them, and sums another form.
final class Agreement {
  /// Questions that any two nodes understand.
  private static final long NOTHING = 0;

  private Agreement() {}

  /// A number that is equal where the nodes agree.
  static long on(Catalog catalog, String stream, ShardQuery query) {
    return switch (query) {
      // They say which view is meant.
      case ShardQuery.OfTimeline _, ShardQuery.OfRollup _ -> NOTHING;
      case ShardQuery.OfEvents(String _, var q) ->
          q.where().stream().allMatch(Agreement::isOfNoField)
              ? NOTHING
              : catalog.stream(stream)
                  .map(s -> (long) EventCodec.schemaId(s.type()))
                  .orElse(NOTHING);
    };
  }

  /// The same for what SQL needs. It says itself which rollups are meant.
  static long on(Catalog catalog, SqlNeeds needs) {
    StringBuilder all = new StringBuilder();
    for (SqlNeeds.Table table : needs.tables()) {
      StreamSpec stream =
          catalog.stream(table.stream())
              .orElseThrow(() -> new IllegalArgumentException("no stream " + table.stream()));
      all.append(stream.name()).append(' ').append(stream.type()).append('\n');
    }
    return hash(all.toString());
  }

  /// What a node is told with which this one does not agree.
  static Problem isMissing(String what) {
    return new Problem(
        400,
        "not-a-question",
        "two nodes do not declare %s alike; start all with the same apps".formatted(what));
  }

  /// What is told whoever is no node, or one of another version.
  static Problem isNoQuestion(Exception e) {
    return new Problem(400, "not-a-question", "this is for nodes of the same version: " + e);
  }

  private static boolean isOfNoField(Condition condition) {
    return switch (condition) {
      case Condition.WordRange(int column, long _, long _) -> column < TableShape.FIRST_FIELD;
      case Condition.OlderThan _ -> true;
      case Condition.NotAll(List<Condition> conditions) ->
          conditions.stream().allMatch(Agreement::isOfNoField);
      case Condition.WordIs _, Condition.WordIn _, Condition.TextIn _, Condition.AnyContains _ ->
          false;
    };
  }

  private static long hash(String text) {
    return Hashing.hash64(text.getBytes(StandardCharsets.UTF_8));
  }
}
