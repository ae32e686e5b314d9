package io.tidemark.shard;

import io.tidemark.event.StoredEvent;
import io.tidemark.log.StreamPartition;
import io.tidemark.shard.Manifest.SegmentRef;
import io.tidemark.table.EventQuery;
import io.tidemark.table.EventTable;
import io.tidemark.table.NewestEvents;
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
    for (int i = 0; i < seen.size(); i++) {
      shards.get(i).views().table().addTails(query, notBefore, seen.get(i).tails(), newest);
      apart.add(new ArrayList<>());
      TableFiles files = shards.get(i).views().tableFiles(seen.get(i));
      boolean allCount = !seen.get(i).erasures().isAnyPending();
      for (SegmentRef s : files.during(Math.max(notBefore, query.from()), query.to())) {
        boolean here = allCount && !SegmentRef.isArchived(s.name());
        EventTable.Segment segment =
            new EventTable.Segment(
                shards.get(i).id().partition(),
                here ? shards.get(i).segments() : files,
                s.name(),
                s.minTime(),
                s.maxTime());
        (here ? together : apart.getLast()).add(segment);
      }
    }
    // What is here is newer than what is in the archive, mostly.
    EventTable table = shards.getFirst().views().table();
    table.addSegments(query, notBefore, together, newest);
    for (List<EventTable.Segment> ofOne : apart) {
      table.addSegments(query, notBefore, ofOne, newest);
    }
    return new EventAnswer(newest.list(), next, notBefore);
  }
}
