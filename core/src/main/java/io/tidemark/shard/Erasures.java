package io.tidemark.shard;

import io.tidemark.app.StreamSpec;
import io.tidemark.event.EventRow;
import io.tidemark.rollup.Rollup;
import io.tidemark.shard.Manifest.SegmentRef;
import io.tidemark.table.Condition;
import io.tidemark.table.Merge;
import io.tidemark.table.TableShape;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// The erasures that a shard knows of at one position. Until files have been written again without
/// what is to be gone, readers leave it out.
///
/// Everything that came before an erasure is in files when the erasure is applied. So a file either
/// has records below it only, or was written by somebody who knew of it, see [SegmentRef#asOf].
final class Erasures {
  private final StreamSpec stream;

  /// By offset, ascending.
  private final List<Erasure> all;

  /// By key, the offset of the last one that is pending.
  private final Map<String, Long> pending = new HashMap<>();

  private final long lastPending;

  Erasures(StreamSpec stream, List<Erasure> all) {
    this.stream = stream;
    this.all = List.copyOf(all);
    long last = -1;
    for (Erasure erasure : all) {
      if (erasure.isPending()) {
        pending.put(erasure.key(), erasure.offset());
        last = erasure.offset();
      }
    }
    this.lastPending = last;
  }

  StreamSpec stream() {
    return stream;
  }

  List<Erasure> all() {
    return all;
  }

  /// Those that files may still have events of.
  List<Erasure> pending() {
    return all.stream().filter(Erasure::isPending).toList();
  }

  boolean isAnyPending() {
    return lastPending >= 0;
  }

  /// With one more; what is known of it, since it was applied before the shard went back, counts
  /// on.
  Erasures with(Erasure next) {
    List<Erasure> more = new ArrayList<>(all);
    Optional<Erasure> before = more.stream().filter(e -> e.offset() == next.offset()).findFirst();
    before.ifPresent(more::remove);
    more.add(before.map(next::plusAll).orElse(next));
    more.sort(Comparator.comparingLong(Erasure::offset));
    return new Erasures(stream, more);
  }

  /// What is known once a checkpoint has done some of it.
  ///
  /// @param known what its manifest says
  /// @param next of records below this offset
  Erasures after(List<Erasure> known, long next) {
    List<Erasure> newer = new ArrayList<>(known);
    // Of those that are known from before the shard went back, the manifest has all.
    all.stream().filter(e -> e.isPending() && e.offset() >= next).forEach(newer::add);
    return new Erasures(stream, newer);
  }

  /// Whether nothing of a file is to be gone.
  boolean isClean(SegmentRef file) {
    return lastPending < file.asOf();
  }

  /// Those that a file may have events of; of each key the last one.
  List<Erasure> of(SegmentRef file) {
    return all.stream()
        .filter(e -> e.offset() >= file.asOf())
        .filter(e -> Long.valueOf(e.offset()).equals(pending.get(e.key())))
        .toList();
  }

  /// What rows of a file of the table must satisfy.
  List<Condition> ofTable(SegmentRef file) {
    return unless(file, tableColumns());
  }

  /// What the rows of a file of the table satisfy that are to be gone; nothing where none can be.
  Optional<Condition> goneFromTable(SegmentRef file) {
    List<Condition> unless = ofTable(file);
    if (unless.size() == 1
        && unless.getFirst() instanceof Condition.NotAll(List<Condition> conditions)
        && conditions.size() == 1) {
      // As it stands there files can be skipped by it.
      return Optional.of(conditions.getFirst());
    }
    return unless.isEmpty() ? Optional.empty() : Optional.of(new Condition.NotAll(unless));
  }

  /// The table's columns that have the fields of the key.
  List<Integer> tableColumns() {
    return stream.key().stream().map(f -> TableShape.FIRST_FIELD + f).toList();
  }

  /// What becomes of the rows of a rollup's file: groups of a key become those of no key, so that
  /// sums stay what they are. Nothing where its dimensions do not name keys.
  Optional<Merge.Blank> ofRollup(Rollup rollup, SegmentRef file) {
    List<Integer> columns = rollup.columnsOf(stream.key());
    List<Condition> unless = columns.isEmpty() ? List.of() : unless(file, columns);
    return unless.isEmpty() ? Optional.empty() : Optional.of(new Merge.Blank(columns, unless));
  }

  /// What rows satisfy all of that have none of the keys. A file that may have something of an
  /// erasure has records below it only.
  ///
  /// @param columns that have the fields of the key
  private List<Condition> unless(SegmentRef file, List<Integer> columns) {
    List<Condition> keys = new ArrayList<>();
    List<byte[]> texts = new ArrayList<>();
    List<Long> words = new ArrayList<>();
    for (Erasure erasure : of(file)) {
      List<Condition> hasKey = hasKey(stream, erasure.key(), columns);
      if (hasKey.size() > 1) {
        keys.add(new Condition.NotAll(hasKey));
        continue;
      }
      for (Condition one : hasKey) {
        switch (one) {
          case Condition.TextIn(int _, List<byte[]> some) -> texts.addAll(some);
          case Condition.WordIs(int _, long word) -> words.add(word);
          default -> throw new IllegalStateException(one.toString());
        }
      }
    }
    if (!texts.isEmpty()) {
      keys.add(new Condition.NotAll(List.of(new Condition.TextIn(columns.getFirst(), texts))));
    }
    if (!words.isEmpty()) {
      keys.add(new Condition.NotAll(List.of(new Condition.WordIn(columns.getFirst(), words))));
    }
    return keys;
  }

  /// Whether an event is to be gone.
  boolean hides(EventRow row, long offset) {
    if (pending.isEmpty()) {
      return false;
    }
    String key = new String(StreamSpec.keyText(row, stream.key()), StandardCharsets.UTF_8);
    Long before = pending.get(key);
    return before != null && offset < before;
  }

  /// Whether events have gone from a range of time, so that what was made of them cannot be made
  /// again. From where those that are pending take some is not known yet.
  boolean touch(long from, long to) {
    return all.stream().anyMatch(e -> e.isPending() || (e.maxTime() >= from && e.minTime() < to));
  }

  /// Whether a text can be the key of an event.
  static boolean isKey(StreamSpec stream, String key) {
    return !key.isEmpty() && !hasKey(stream, key, stream.key()).isEmpty();
  }

  /// What rows of a key satisfy; nothing where there can be none.
  ///
  /// @param columns that have the fields of the key
  private static List<Condition> hasKey(StreamSpec stream, String key, List<Integer> columns) {
    List<String> parts =
        columns.size() == 1
            ? List.of(key)
            : List.of(key.split(String.valueOf(StreamSpec.KEY_SEPARATOR), -1));
    if (parts.size() != columns.size()) {
      return List.of();
    }
    List<Condition> conditions = new ArrayList<>();
    for (int i = 0; i < parts.size(); i++) {
      var type = stream.type().field(stream.key().get(i)).type();
      int column = columns.get(i);
      if (type.isText()) {
        byte[] text = parts.get(i).getBytes(StandardCharsets.UTF_8);
        conditions.add(new Condition.TextIn(column, List.of(text)));
        continue;
      }
      var word = type.wordOf(parts.get(i));
      if (word.isEmpty()) {
        return List.of();
      }
      conditions.add(new Condition.WordIs(column, word.getAsLong()));
    }
    return conditions;
  }
}
