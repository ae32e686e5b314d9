package io.tidemark.rollup;

import io.tidemark.app.Measure;
import io.tidemark.event.EventType;
import io.tidemark.event.FieldType;
import io.tidemark.table.Column;
import io.tidemark.table.Dictionary;
import io.tidemark.table.Growth;
import io.tidemark.table.HashSlots;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/// Groups, each a bucket of time and a value (or null) of each dimension, and their partials.
///
/// A group's key is `stride` longs: the bucket's start in microseconds, a word per dimension (of a
/// text its code in the dimension's dictionary here), and a mask with bit i set where dimension i
/// is null. They are found by open addressing, at most half full, as in a [Dictionary]:
///
/// ```
/// slot = hash{32} group+1{32}    0: free
/// ```
public final class Groups {
  private final List<FieldType> dimensions;
  private final List<Dictionary> dictionaries;
  private final List<Accumulator> accumulators;
  private final int stride;
  private final int limit;
  private long[] keys;
  private long[] slots = HashSlots.empty();
  private int count;

  /// A query would have more groups than its limit allows.
  public static final class TooMany extends RuntimeException {
    private static final long serialVersionUID = 1L;

    TooMany(int limit) {
      super("more than " + limit + " groups" + HINT);
    }

    TooMany(int groups, long bytes) {
      super("%d groups take %d MB%s".formatted(groups, bytes >> 20, HINT));
    }

    /// What another node has said.
    public TooMany(String message) {
      super(message);
    }
  }

  private static final String HINT = "; narrow the range, group by less or filter more";

  /// What the sketches and texts of an answer may take in memory. It is looked at whenever there
  /// are twice as many groups.
  private static final long MAX_BYTES = 96L << 20;

  /// @param dimensions the fields whose values make the groups
  /// @param limit how many groups there may be
  public Groups(EventType type, List<Integer> dimensions, List<Measure> measures, int limit) {
    this.dimensions = dimensions.stream().map(f -> type.field(f).type()).toList();
    this.dictionaries = dimensions.stream().map(f -> new Dictionary()).toList();
    this.accumulators = new ArrayList<>();
    for (Measure measure : measures) {
      @Nullable FieldType field =
          measure.field() == Measure.ALL ? null : type.field(measure.field()).type();
      accumulators.add(Accumulator.of(measure, field));
    }
    this.stride = dimensions.size() + 2;
    this.limit = limit;
    this.keys = new long[Growth.FEW * stride];
  }

  int stride() {
    return stride;
  }

  /// How many groups there are.
  public int count() {
    return count;
  }

  List<Accumulator> accumulators() {
    return accumulators;
  }

  /// The group of this key, added where it is new.
  ///
  /// @throws TooMany beyond the limit
  int group(long[] key) {
    return group(key, 0);
  }

  /// The groups of the first `count` keys, which lie one behind the other.
  ///
  /// @throws TooMany beyond the limit
  void find(long[] keysWanted, int[] groupOf, int count) {
    for (int i = 0; i < count; i++) {
      groupOf[i] = group(keysWanted, i * stride);
    }
  }

  private int group(long[] key, int start) {
    int hash = hash(key, start);
    int slot = HashSlots.first(hash, slots.length);
    for (long entry = slots[slot]; entry != 0; entry = slots[slot]) {
      int group = HashSlots.number(entry);
      if (HashSlots.hash(entry) == hash && is(group, key, start)) {
        return group;
      }
      slot = HashSlots.next(slot, slots.length);
    }
    return add(key, start, hash, slot);
  }

  private boolean is(int group, long[] key, int start) {
    int at = group * stride;
    for (int i = 0; i < stride; i++) {
      if (keys[at + i] != key[start + i]) {
        return false;
      }
    }
    return true;
  }

  private int add(long[] key, int start, int hash, int slot) {
    int group = count;
    if (group == limit) {
      throw new TooMany(limit);
    }
    if ((group + 1) * stride > keys.length) {
      keys = Arrays.copyOf(keys, keys.length * 2);
    }
    System.arraycopy(key, start, keys, group * stride, stride);
    count = group + 1;
    slots[slot] = HashSlots.taken(hash, group);
    for (Accumulator accumulator : accumulators) {
      accumulator.ensure(count);
    }
    long[] roomy = HashSlots.withRoom(slots, count);
    if (roomy.length != slots.length) {
      slots = roomy;
      checkMemory();
    }
    return group;
  }

  private void checkMemory() {
    // What a tail is sealed into must be written, whatever it takes.
    if (limit < Integer.MAX_VALUE) {
      long bytes =
          accumulators.stream().mapToLong(a -> a.sketchBytes(count)).sum()
              + dictionaries.stream().mapToLong(Dictionary::bytes).sum();
      if (bytes > MAX_BYTES) {
        throw new TooMany(count, bytes);
      }
    }
  }

  private int hash(long[] key, int start) {
    long h = Dictionary.SEED;
    for (int i = start; i < start + stride; i++) {
      h = (h ^ key[i]) * 0x9E3779B97F4A7C15L;
      h ^= h >>> 29;
    }
    return (int) (h ^ h >>> 32);
  }

  /// Adds to the groups what the measures' columns have in the first `count` rows of a tail.
  void add(int[] groups, @Nullable Column[] columns, int[] rows, int count) {
    for (int i = 0; i < accumulators.size(); i++) {
      accumulators.get(i).add(groups, columns[i], rows, count);
    }
  }

  /// Sets a dimension of a key that is being made.
  void put(long[] key, int dimension, byte[] text) {
    key[1 + dimension] = code(dimension, text);
  }

  int code(int dimension, byte[] text) {
    return dictionaries.get(dimension).add(text, 0, text.length);
  }

  static void putNull(long[] key, int dimension) {
    putNull(key, 0, key.length, dimension);
  }

  /// The same for the key of `stride` words that begins at `start`.
  static void putNull(long[] keys, int start, int stride, int dimension) {
    keys[start + 1 + dimension] = 0;
    keys[start + stride - 1] |= 1L << dimension;
  }

  /// The start of a group's bucket, in microseconds since 1970.
  public long bucket(int group) {
    return keys[group * stride];
  }

  public boolean isNull(int group, int dimension) {
    return (keys[group * stride + stride - 1] & 1L << dimension) != 0;
  }

  public FieldType type(int dimension) {
    return dimensions.get(dimension);
  }

  public int dimensions() {
    return dimensions.size();
  }

  /// A dimension's value where it is not a text.
  public long word(int group, int dimension) {
    return keys[group * stride + 1 + dimension];
  }

  /// A dimension's value where it is a text.
  public byte[] text(int group, int dimension) {
    return dictionaries.get(dimension).value((int) word(group, dimension));
  }

  /// A measure's result: a Long, BigInteger or Double, or null where there was no value.
  public @Nullable Number result(int group, int measure) {
    return accumulators.get(measure).result(group);
  }

  /// Whether a measure's results are instants in microseconds.
  public boolean isInstant(int measure) {
    return accumulators.get(measure).isInstant();
  }

  /// Adds the groups of another answer to the same question.
  public void merge(Groups that) {
    merge(that, Long.MIN_VALUE);
  }

  /// The same, without buckets that start before a time, in microseconds.
  public void merge(Groups that, long notBefore) {
    regroup(that, IntStream.range(0, dimensions.size()).boxed().toList(), notBefore);
  }

  /// Adds other groups by fewer dimensions: dimension i here is `places.get(i)` there.
  void regroup(Groups that, List<Integer> places) {
    regroup(that, places, Long.MIN_VALUE);
  }

  private void regroup(Groups that, List<Integer> places, long notBefore) {
    long[] key = new long[stride];
    int[][] codes = new int[dimensions.size()][];
    for (int d = 0; d < codes.length; d++) {
      codes[d] = new int[that.dictionaries.get(places.get(d)).size()];
      Arrays.fill(codes[d], Dictionary.NONE);
    }
    for (int g = 0; g < that.count; g++) {
      if (that.bucket(g) < notBefore) {
        continue;
      }
      key[0] = that.bucket(g);
      key[stride - 1] = 0;
      for (int d = 0; d < codes.length; d++) {
        int there = places.get(d);
        long word = that.word(g, there);
        if (that.isNull(g, there)) {
          putNull(key, d);
        } else if (dimensions.get(d).isText()) {
          int code = codes[d][(int) word];
          if (code == Dictionary.NONE) {
            code = code(d, that.text(g, there));
            codes[d][(int) word] = code;
          }
          key[1 + d] = code;
        } else {
          key[1 + d] = word;
        }
      }
      mergeGroup(group(key), that, g);
    }
  }

  private void mergeGroup(int group, Groups that, int from) {
    for (int m = 0; m < accumulators.size(); m++) {
      accumulators.get(m).merge(group, new GroupPartial(that.accumulators.get(m), from));
    }
  }

  private record GroupPartial(Accumulator accumulator, int group) implements Accumulator.Partial {
    @Override
    public boolean isNull(int column) {
      return accumulator.isNull(group, column);
    }

    @Override
    public long word(int column) {
      return accumulator.word(group, column);
    }

    @Override
    public byte[] bytes(int column) {
      return accumulator.bytes(group, column);
    }
  }

  /// Writes all groups, as [#read] reads them; see [GroupsCodec].
  public void write(DataOutputStream out) throws IOException {
    GroupsCodec.write(this, out);
  }

  /// Adds what another answer to the same question has written.
  public void read(DataInputStream in) throws IOException {
    GroupsCodec.read(this, in);
  }
}
