package io.tidemark.shard;

import io.tidemark.event.StoredEvent;
import io.tidemark.log.StreamPartition;
import io.tidemark.shard.Manifest.SegmentRef;
import io.tidemark.table.EventQuery;
import io.tidemark.table.EventTable;
import io.tidemark.table.NewestEvents;
import io.tidemark.table.SegmentSource;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// What some shards of a stream contribute to an answer about its events, as one: so that all their
/// segments are read together.
///
/// @param newest newest first
/// @param next of each shard, the events are among those below this offset
/// @param notBefore events before this time are not answered any more by some of the shards, and
///   are not among them
public record EventAnswer(
    List<StoredEvent> newest, Map<StreamPartition, Long> next, long notBefore) {
  /// Asks shards of this process.
  ///
  /// @param shards of one stream, at least one
  /// @throws ShardClosedException where one has been closed meanwhile
  /// @throws DamagedException where files of one are damaged
  /// @throws io.tidemark.event.AnswerBytes.TooLarge where the events are too large to be answered
  ///   at once
  public static EventAnswer of(List<Shard> shards, EventQuery query) throws IOException {
    return HeldShards.reading(shards, held -> of(held, query));
  }

  private static EventAnswer of(HeldShards held, EventQuery query) throws IOException {
    List<Shard> shards = held.shards();
    List<ShardState.Seen> seen = held.see(Manifest.TABLE);
    Map<StreamPartition, Long> next = new HashMap<>();
    long notBefore = Long.MIN_VALUE;
    for (int i = 0; i < seen.size(); i++) {
      next.put(shards.get(i).id(), seen.get(i).next());
      ShardViews views = shards.get(i).views();
      notBefore = Math.max(notBefore, views.tableNotBefore(seen.get(i).streamTime()));
    }
    NewestEvents newest = new NewestEvents(query);
    List<EventTable.Segment> together = new ArrayList<>();
    List<List<EventTable.Segment>> apart = new ArrayList<>();
    List<List<EventTable.Segment>> archived = new ArrayList<>();
    for (int i = 0; i < seen.size(); i++) {
      Shard shard = shards.get(i);
      shard.views().table().addTails(query, notBefore, seen.get(i).tails(), newest);
      TableFiles files = shard.views().tableFiles(seen.get(i));
      boolean allCount = !seen.get(i).erasures().isAnyPending();
      apart.add(new ArrayList<>());
      archived.add(new ArrayList<>());
      for (SegmentRef s : files.during(Math.max(notBefore, query.from()), query.to())) {
        if (SegmentRef.isArchived(s.name())) {
          archived.getLast().add(segment(shard, files, s));
        } else if (allCount) {
          together.add(segment(shard, shard.segments(), s));
        } else {
          apart.getLast().add(segment(shard, files, s));
        }
      }
    }
    EventTable table = shards.getFirst().views().table();
    table.addSegments(query, notBefore, together, false, newest);
    for (List<EventTable.Segment> ofOne : apart) {
      table.addSegments(query, notBefore, ofOne, false, newest);
    }
    // A question about what is here anyway never waits for the archive.
    for (List<EventTable.Segment> ofOne : archived) {
      table.addSegments(query, notBefore, ofOne, true, newest);
    }
    return new EventAnswer(newest.list(), next, notBefore);
  }

  private static EventTable.Segment segment(Shard shard, SegmentSource store, SegmentRef s) {
    return new EventTable.Segment(
        shard.id().partition(), store, s.name(), s.minTime(), s.maxTime());
  }
}
