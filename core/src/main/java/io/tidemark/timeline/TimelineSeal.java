package io.tidemark.timeline;

import io.tidemark.event.EventRow;
import io.tidemark.sorted.SortedStore;
import io.tidemark.table.KeyIndex;
import io.tidemark.table.Tail;
import io.tidemark.table.TailPart;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;

/// Orders a frozen tail's rows for a timeline's store: keys by their hashes, then by split, time
/// and offset descending; of each key and split the newest only.
final class TimelineSeal {
  private final Timeline timeline;
  private final Tail tail;
  private final int first;
  private final int last;
  private final KeyIndex index;
  private final TailSplits splits;

  TimelineSeal(Timeline timeline, TailPart part) {
    this.timeline = timeline;
    this.tail = part.tail();
    this.first = part.first();
    this.last = part.last();
    this.index = tail.index(timeline.spec().by());
    this.splits = new TailSplits(timeline.spec(), tail);
  }

  /// A key that has rows, with its hashes.
  private record Key(int code, long hash1, long hash2) implements Comparable<Key> {
    @Override
    public int compareTo(Key that) {
      int byFirst = Long.compareUnsigned(hash1, that.hash1);
      return byFirst != 0 ? byFirst : Long.compareUnsigned(hash2, that.hash2);
    }
  }

  Iterator<SortedStore.Entry> entries(EventRow row) {
    List<Key> keys = new ArrayList<>();
    for (int code = 0; code < index.keys(); code++) {
      if (index.lastRow(code) >= first) {
        byte[] text = index.key(code);
        keys.add(new Key(code, TimelineKey.hash1(text), TimelineKey.hash2(text)));
      }
    }
    keys.sort(null);
    return new Iterator<>() {
      private int nextKey;
      private TimelineKey[] rows = new TimelineKey[0];
      private int[] places = new int[0];
      private int at;

      @Override
      public boolean hasNext() {
        while (at == rows.length && nextKey < keys.size()) {
          load(keys.get(nextKey++));
        }
        return at < rows.length;
      }

      @Override
      public SortedStore.Entry next() {
        if (!hasNext()) {
          throw new NoSuchElementException();
        }
        byte[] value = timeline.valueAt(tail, places[at], row);
        return new SortedStore.Entry(rows[at++].encode(), value);
      }

      private void load(Key key) {
        List<Candidate> candidates = candidates(key);
        rows = candidates.stream().map(Candidate::key).toArray(TimelineKey[]::new);
        places = candidates.stream().mapToInt(Candidate::row).toArray();
        at = 0;
      }
    };
  }

  /// A row and its place in the store.
  private record Candidate(TimelineKey key, int row, byte[] encoded)
      implements Comparable<Candidate> {
    @Override
    public int compareTo(Candidate that) {
      return Arrays.compareUnsigned(encoded, that.encoded);
    }
  }

  private List<Candidate> candidates(Key key) {
    List<Candidate> all = new ArrayList<>();
    for (int row = index.lastRow(key.code()); row >= first; row = index.rowBefore(row)) {
      if (row < last) {
        TimelineKey place =
            new TimelineKey(
                key.hash1(), key.hash2(), splits.of(row), tail.time(row), tail.offset(row));
        all.add(new Candidate(place, row, place.encode()));
      }
    }
    all.sort(null);
    List<Candidate> newest = new ArrayList<>();
    int inSplit = 0;
    for (int i = 0; i < all.size(); i++) {
      boolean sameSplit = i > 0 && all.get(i - 1).key().split() == all.get(i).key().split();
      inSplit = sameSplit ? inSplit + 1 : 1;
      if (inSplit <= timeline.spec().keep()) {
        newest.add(all.get(i));
      }
    }
    return newest;
  }
}
