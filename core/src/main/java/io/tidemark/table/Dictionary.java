package io.tidemark.table;

import io.tidemark.event.EventRow;
import io.tidemark.event.Hashing;
import java.util.Arrays;
import java.util.SplittableRandom;

/// Distinct byte strings, numbered from 0 in the order of their first appearance.
///
/// One writer adds; readers may look up and fetch what was added before the writer's last
/// publication (see [Tail.View]). [HashSlots] lead to the bytes, which lie one behind the other in
/// chunks: millions of values are a few objects to the garbage collector.
///
/// ```
/// place = chunk+1{20} start in it{20} length{24}   0: not there yet
/// ```
public final class Dictionary {
  /// The code of a value that is not there.
  public static final int NONE = -1;

  /// Chosen anew in each process, so that nobody can prepare values that all hash alike. Nothing
  /// that anybody sees depends on it.
  public static final long SEED = new SplittableRandom().nextLong();

  private static final int FIRST_CHUNK = 256;

  /// Below what the garbage collector treats as huge.
  private static final int MAX_CHUNK = 256 << 10;

  private static final int LENGTH_BITS = 24;
  private static final int START_BITS = 20;
  private static final int MAX_LENGTH = (1 << LENGTH_BITS) - 1;

  private volatile long[] slots = HashSlots.empty();
  private volatile long[] places = new long[Growth.FEW];
  private volatile byte[][] chunks = new byte[0][];

  // Only the writer's.
  private int size;
  private int chunkCount;
  private byte[] chunk = new byte[0];
  private int chunkAt = -1;
  private int used;
  private long chunkBytes;

  /// The value's code; it is added where it is new.
  ///
  /// @throws IllegalArgumentException where the value has 16 MiB or more
  public int add(byte[] source, int start, int length) {
    return add(hash(source, start, length), source, start, length);
  }

  private int add(int hash, byte[] source, int start, int length) {
    long[] table = slots;
    int found = probe(table, hash, source, start, length);
    if (found >= 0) {
      return found;
    }
    int code = size;
    long place = store(source, start, length);
    if (code == places.length) {
      long[] longer = Arrays.copyOf(places, code * 2);
      longer[code] = place;
      places = longer;
    } else {
      places[code] = place;
    }
    size = code + 1;
    table[~found] = HashSlots.taken(hash, code);
    long[] roomy = HashSlots.withRoom(table, size);
    if (roomy.length != table.length) {
      slots = roomy;
    }
    return code;
  }

  /// Adds the values of a field, or of extra, in a batch's rows, and notes their codes from `at`
  /// on; [#NONE] for null. What is there already is mostly found in the first slot, in steps that
  /// do not wait for one another.
  void add(RowBatch batch, int field, int[] codes, int at) {
    int[] hashes = batch.hashes;
    long[] found = batch.places;
    long[] table = slots;
    for (int i = 0; i < batch.count; i++) {
      EventRow row = batch.rows[i];
      if (row.isNull(field)) {
        found[i] = 0;
      } else {
        hashes[i] = hash(row.text(), row.textStart(field), row.textLength(field));
        found[i] = table[HashSlots.first(hashes[i], table.length)];
      }
    }
    long[] allPlaces = places;
    for (int i = 0; i < batch.count; i++) {
      boolean candidate = found[i] != 0 && HashSlots.hash(found[i]) == hashes[i];
      codes[at + i] = candidate ? HashSlots.number(found[i]) : NONE;
      found[i] = candidate ? allPlaces[codes[at + i]] : 0;
    }
    for (int i = 0; i < batch.count; i++) {
      EventRow row = batch.rows[i];
      if (found[i] == 0
          || !lies(found[i], row.text(), row.textStart(field), row.textLength(field))) {
        codes[at + i] = NONE;
      }
    }
    for (int i = 0; i < batch.count; i++) {
      EventRow row = batch.rows[i];
      if (codes[at + i] == NONE && !row.isNull(field)) {
        codes[at + i] = add(hashes[i], row.text(), row.textStart(field), row.textLength(field));
      }
    }
  }

  private boolean lies(long place, byte[] source, int start, int length) {
    int at = start(place);
    return length(place) == length
        && Arrays.equals(chunk(place), at, at + length, source, start, start + length);
  }

  /// Sets a field, or extra, in the first rows of a batch to the values whose codes these rows
  /// have.
  void read(int[] codes, int[] rows, int first, RowBatch into, int field) {
    long[] found = into.places;
    long[] allPlaces = places;
    for (int i = 0; i < into.count; i++) {
      int code = codes[rows[first + i]];
      found[i] = code == NONE ? 0 : allPlaces[code];
    }
    for (int i = 0; i < into.count; i++) {
      if (found[i] != 0) {
        into.rows[i].setText(field, chunk(found[i]), start(found[i]), length(found[i]));
      }
    }
  }

  /// Copies a value to the end of the chunk, or of a new one.
  private long store(byte[] source, int start, int length) {
    if (length > MAX_LENGTH) {
      throw new IllegalArgumentException("a value of " + length + " bytes");
    }
    if (length > MAX_CHUNK / 4) {
      // A chunk of its own, so that the rest of the present one is not wasted.
      byte[] own = Arrays.copyOfRange(source, start, start + length);
      return place(addChunk(own), 0, length);
    }
    if (chunkAt < 0 || used + length > chunk.length) {
      int next = Math.clamp(chunk.length * 2L, FIRST_CHUNK, MAX_CHUNK);
      chunk = new byte[Math.max(next, length)];
      chunkAt = addChunk(chunk);
      used = 0;
    }
    System.arraycopy(source, start, chunk, used, length);
    used += length;
    return place(chunkAt, used - length, length);
  }

  private int addChunk(byte[] added) {
    byte[][] all = chunks;
    if (chunkCount == all.length) {
      all = Arrays.copyOf(all, Math.max(2, chunkCount * 2));
    }
    all[chunkCount] = added;
    chunks = all;
    chunkBytes += added.length;
    return chunkCount++;
  }

  private static long place(int chunk, int start, int length) {
    return (chunk + 1L) << (START_BITS + LENGTH_BITS) | (long) start << LENGTH_BITS | length;
  }

  /// The value's code, or [#NONE].
  public int find(byte[] source, int start, int length) {
    return Math.max(NONE, probe(slots, hash(source, start, length), source, start, length));
  }

  public int find(byte[] value) {
    return find(value, 0, value.length);
  }

  /// A copy of the value with this code.
  public byte[] value(int code) {
    long place = place(code);
    int start = start(place);
    return Arrays.copyOfRange(chunk(place), start, start + length(place));
  }

  /// Where the value with this code lies, for [#chunk], [#start] and [#length].
  private long place(int code) {
    return places[code];
  }

  /// The array in which a value lies; not to be changed.
  private byte[] chunk(long place) {
    return chunks[(int) (place >>> (START_BITS + LENGTH_BITS)) - 1];
  }

  private static int start(long place) {
    return (int) (place >>> LENGTH_BITS) & ((1 << START_BITS) - 1);
  }

  private static int length(long place) {
    return (int) place & MAX_LENGTH;
  }

  /// How many values there are; exact only for the writer.
  public int size() {
    return size;
  }

  /// About how much memory it holds.
  public long bytes() {
    return chunkBytes + 8L * (slots.length + places.length);
  }

  /// The value's code, or the complement of the free slot where it belongs. Reads each slot once: a
  /// reader's free slot may be taken by the writer at any moment.
  private int probe(long[] table, int hash, byte[] source, int start, int length) {
    int slotCount = table.length;
    for (int slot = HashSlots.first(hash, slotCount); ; slot = HashSlots.next(slot, slotCount)) {
      long entry = table[slot];
      if (entry == 0) {
        return ~slot;
      }
      if (HashSlots.hash(entry) == hash && is(HashSlots.number(entry), source, start, length)) {
        return HashSlots.number(entry);
      }
    }
  }

  private boolean is(int code, byte[] source, int start, int length) {
    // A reader may meet a code that is being added just now; to it that value is not there yet.
    long[] allPlaces = places;
    long place = code < allPlaces.length ? allPlaces[code] : 0;
    int chunkNumber = (int) (place >>> (START_BITS + LENGTH_BITS)) - 1;
    byte[][] allChunks = chunks;
    if (place == 0 || length(place) != length || chunkNumber >= allChunks.length) {
      return false;
    }
    byte[] bytes = allChunks[chunkNumber];
    int at = start(place);
    return bytes != null && Arrays.equals(bytes, at, at + length, source, start, start + length);
  }

  private static int hash(byte[] source, int start, int length) {
    long hash = Hashing.hash64(source, start, length, SEED);
    return (int) (hash ^ hash >>> 32);
  }
}
