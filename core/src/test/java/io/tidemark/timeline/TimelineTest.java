package io.tidemark.timeline;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.app.TimelineSpec;
import io.tidemark.event.EventRow;
import io.tidemark.event.EventType;
import io.tidemark.event.Field;
import io.tidemark.event.FieldType;
import io.tidemark.event.StoredEvent;
import io.tidemark.sorted.SortedStore;
import io.tidemark.table.RowBatch;
import io.tidemark.table.Tail;
import io.tidemark.table.TailPart;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/// Busy keys: with more rows in one tail than a simulated shard ever has.
final class TimelineTest {
  private static final EventType TYPE =
      new EventType(
          "clicks",
          List.of(
              new Field("user", FieldType.STRING, true),
              new Field("kind", FieldType.STRING, false)));
  private static final int ROWS = 5 * Tail.BLOCK + 77;
  private static final int KEEP = 100;
  private static final List<String> USERS = List.of("busy", "other", "rare");
  private static final List<String> KINDS = List.of("view", "buy");

  private final SplittableRandom random = new SplittableRandom(1);
  private final List<Click> clicks = new ArrayList<>();

  private record Click(String user, @Nullable String kind, long time, long offset) {}

  /// Mostly in the order of time, with late ones, and times that several have.
  private Tail tail(boolean isSplit) {
    Tail tail = new Tail(TYPE, List.of(0), 0, Long.MIN_VALUE);
    RowBatch batch = new RowBatch(TYPE, RowBatch.SIZE);
    for (int i = 0; i < ROWS; i++) {
      String user = random.nextInt(1000) == 0 ? "rare" : USERS.get(random.nextInt(10) / 9);
      String kind = random.nextInt(20) == 0 ? null : KINDS.get(random.nextInt(50) / 49);
      long time = random.nextInt(200) == 0 ? random.nextInt(2 * ROWS) : i / 3;
      clicks.add(new Click(user, isSplit ? kind : null, time, i));
      EventRow row = batch.next();
      row.clear();
      row.setText(0, user);
      if (kind != null) {
        row.setText(1, kind);
      }
      batch.add(i, time);
      if (batch.isFull() || i == ROWS - 1) {
        tail.append(batch);
        batch.clear();
      }
    }
    tail.publish(ROWS, 2L * ROWS);
    return tail;
  }

  private List<Click> newest(String user, @Nullable String kind) {
    return clicks.stream()
        .filter(c -> c.user().equals(user) && java.util.Objects.equals(c.kind(), kind))
        .sorted(Comparator.comparingLong(Click::time).thenComparingLong(Click::offset).reversed())
        .limit(KEEP)
        .toList();
  }

  @Test
  void theNewestOfEachSplitAreFoundInALongTail() throws IOException {
    Timeline timeline = timeline(1);
    Tail tail = tail(true);
    for (String user : USERS) {
      for (List<String> kinds : List.of(KINDS, List.of("buy"), List.<String>of())) {
        Map<Integer, List<StoredEvent>> found = ask(timeline, tail, user, kinds);
        for (String kind : kinds.isEmpty() ? KINDS : kinds) {
          assertThat(offsets(found.get(TimelineKey.split(bytes(kind)))))
              .as("%s %s of %s", user, kind, kinds)
              .isEqualTo(newest(user, kind).stream().map(Click::offset).toList());
        }
      }
    }
  }

  @Test
  void theNewestOfATimelineWithoutSplitAreFoundInALongTail() throws IOException {
    Timeline timeline = timeline(TimelineSpec.NO_SPLIT);
    Tail tail = tail(false);
    for (String user : USERS) {
      assertThat(offsets(ask(timeline, tail, user, List.of()).get(TimelineKey.NO_SPLIT)))
          .isEqualTo(newest(user, null).stream().map(Click::offset).toList());
    }
  }

  @Test
  void sealedAreTheNewestInTheOrderOfTheStore() {
    Tail tail = tail(true);
    Iterator<SortedStore.Entry> entries = timeline(1).seal(new TailPart(tail, 0, ROWS));
    byte[] before = {};
    Set<Long> sealed = new HashSet<>();
    while (entries.hasNext()) {
      byte[] key = entries.next().key();
      assertThat(Arrays.compareUnsigned(before, key)).isNegative();
      before = key;
      sealed.add(TimelineKey.decode(key).offset());
    }
    Set<Long> expected = new HashSet<>();
    for (String user : USERS) {
      for (String kind : new String[] {"view", "buy", null}) {
        newest(user, kind).forEach(c -> expected.add(c.offset()));
      }
    }
    assertThat(sealed).isEqualTo(expected);
  }

  private static Timeline timeline(int split) {
    return new Timeline(
        new TimelineSpec("latest", "clicks", 0, split, KEEP, Optional.empty()), TYPE);
  }

  private static Map<Integer, List<StoredEvent>> ask(
      Timeline timeline, Tail tail, String user, List<String> kinds) throws IOException {
    List<byte[]> splits = kinds.stream().map(TimelineTest::bytes).toList();
    TimelineQuery query =
        new TimelineQuery(bytes(user), Long.MIN_VALUE, Long.MAX_VALUE, splits, KEEP);
    return timeline.newest(
        query,
        0,
        new EmptyStore(),
        0,
        List.of(new TailPart(tail, 0, tail.view().rows())),
        Timeline.Hidden.NOTHING);
  }

  private static List<Long> offsets(@Nullable List<StoredEvent> events) {
    return events == null ? List.of() : events.stream().map(StoredEvent::offset).toList();
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static final class EmptyStore implements SortedStore {
    @Override
    public void ingest(Iterator<Entry> ascending) {
      throw new UnsupportedOperationException();
    }

    @Override
    public byte @Nullable [] get(byte[] key) {
      return null;
    }

    @Override
    public void scan(byte[] from, byte[] to, Visitor visitor) {}

    @Override
    public void deleteRange(byte[] from, byte[] to) {
      throw new UnsupportedOperationException();
    }

    @Override
    public void purge(byte[] from, byte[] to, List<byte[]> keys) {
      throw new UnsupportedOperationException();
    }

    @Override
    public long entries() {
      return 0;
    }
  }
}
