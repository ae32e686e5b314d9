package io.tidemark.timeline;

import io.tidemark.event.EventCodec;
import io.tidemark.sorted.SortedStore;
import io.tidemark.table.KeyIndex;
import io.tidemark.table.RowBatch;
import io.tidemark.table.RowOrder;
import io.tidemark.table.Tail;
import io.tidemark.table.TailPart;
import java.util.Arrays;
import java.util.Iterator;
import java.util.NoSuchElementException;

/// Orders a frozen tail's rows for a timeline's store: keys by their hashes, then by split, time
/// and offset descending; of each key and split the newest only. Rows are read out in batches.
final class TimelineSeal implements Iterator<SortedStore.Entry> {
  private final Tail tail;
  private final int first;
  private final int last;
  private final int keep;
  private final int schemaId;
  private final KeyIndex index;
  private final TailSplits splits;

  /// The keys that have rows: codes and hashes, and their order.
  private final int[] codes;

  private final long[] hashes1;
  private final long[] hashes2;
  private final int[] keys;
  private int nextKey;

  /// The rows of the present key that are kept, in order.
  private int[] rows = new int[0];

  private int nextRow;

  // The rows that were read out, with their splits and the places of their keys.
  private final RowBatch batch;
  private final int[] batchRows = new int[RowBatch.SIZE];
  private final int[] batchKeys = new int[RowBatch.SIZE];
  private int at;

  TimelineSeal(Timeline timeline, TailPart part, int schemaId) {
    this.tail = part.tail();
    this.first = part.first();
    this.last = part.last();
    this.keep = timeline.spec().keep();
    this.schemaId = schemaId;
    this.index = tail.index(timeline.spec().by());
    this.splits = new TailSplits(timeline.spec(), tail);
    this.batch = new RowBatch(tail.type(), RowBatch.SIZE);
    int[] all = new int[index.keys()];
    int count = 0;
    for (int code = 0; code < all.length; code++) {
      if (index.lastRow(code) >= first) {
        all[count++] = code;
      }
    }
    this.codes = Arrays.copyOf(all, count);
    this.hashes1 = new long[count];
    this.hashes2 = new long[count];
    for (int k = 0; k < count; k++) {
      byte[] text = index.key(codes[k]);
      hashes1[k] = TimelineKey.hash1(text);
      hashes2[k] = TimelineKey.hash2(text);
    }
    this.keys = RowOrder.of(0, count, this::keyPrecedes);
  }

  /// Whether a key does not come after another one.
  private boolean keyPrecedes(int a, int b) {
    int byFirst = Long.compareUnsigned(hashes1[a], hashes1[b]);
    return byFirst < 0 || (byFirst == 0 && Long.compareUnsigned(hashes2[a], hashes2[b]) <= 0);
  }

  @Override
  public boolean hasNext() {
    if (at == batch.count()) {
      readOut();
    }
    return at < batch.count();
  }

  @Override
  public SortedStore.Entry next() {
    if (!hasNext()) {
      throw new NoSuchElementException();
    }
    int key = batchKeys[at];
    int row = batchRows[at];
    TimelineKey place =
        new TimelineKey(
            hashes1[key], hashes2[key], splits.of(row), tail.time(row), tail.offset(row));
    byte[] value = EventCodec.encodeValue(batch.row(at), schemaId);
    at++;
    return new SortedStore.Entry(place.encode(), value);
  }

  private void readOut() {
    int count = 0;
    while (count < RowBatch.SIZE) {
      if (nextRow < rows.length) {
        batchRows[count] = rows[nextRow++];
        batchKeys[count++] = keys[nextKey - 1];
      } else if (nextKey < keys.length) {
        rows = newest(keys[nextKey++]);
        nextRow = 0;
      } else {
        break;
      }
    }
    tail.read(batchRows, 0, count, batch);
    at = 0;
  }

  /// The rows of a key that are kept, in the order of the store.
  private int[] newest(int key) {
    int[] chain = chain(key);
    // They come by offset descending, and the order is stable.
    int[] order = RowOrder.of(0, chain.length, (a, b) -> precedes(chain[a], chain[b]));
    int[] newest = new int[chain.length];
    int kept = 0;
    int inSplit = 0;
    for (int i = 0; i < order.length; i++) {
      int row = chain[order[i]];
      boolean sameSplit = i > 0 && splits.of(chain[order[i - 1]]) == splits.of(row);
      inSplit = sameSplit ? inSplit + 1 : 1;
      if (inSplit <= keep) {
        newest[kept++] = row;
      }
    }
    return Arrays.copyOf(newest, kept);
  }

  private boolean precedes(int a, int b) {
    int bySplit = Integer.compareUnsigned(splits.of(a), splits.of(b));
    return bySplit < 0 || (bySplit == 0 && tail.time(a) >= tail.time(b));
  }

  private int[] chain(int key) {
    int[] chain = new int[4];
    int length = 0;
    for (int row = index.lastRow(codes[key]); row >= first; row = index.rowBefore(row)) {
      if (row < last) {
        if (length == chain.length) {
          chain = Arrays.copyOf(chain, length * 2);
        }
        chain[length++] = row;
      }
    }
    return Arrays.copyOf(chain, length);
  }
}
