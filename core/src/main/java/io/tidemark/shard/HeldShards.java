package io.tidemark.shard;

import io.tidemark.log.StreamPartition;
import io.tidemark.rollup.RollupQuery;
import io.tidemark.shard.Manifest.SegmentRef;
import io.tidemark.table.Condition;
import io.tidemark.table.Segments;
import io.tidemark.table.TableShape;
import io.tidemark.table.Tail;
import io.tidemark.table.TailPart;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Several shards of this process, of one stream or of many, each at one position: none of their
/// files goes away, and nothing that is applied meanwhile is seen.
///
/// All who hold several shards take them in the order of their ids, so none waits for another.
public final class HeldShards {
  private final List<Shard> shards;
  private final List<ShardState> states;
  private final List<Tail.View> visible;

  private HeldShards(List<Shard> shards, List<ShardState> states, List<Tail.View> visible) {
    this.shards = shards;
    this.states = states;
    this.visible = visible;
  }

  /// Something that reads shards while they are held. Where a file is missed in an archive that
  /// others have written again it is asked once more.
  @FunctionalInterface
  public interface Reading<T> {
    T read(HeldShards held) throws IOException;
  }

  /// Holds shards for as long as somebody reads.
  ///
  /// @throws ShardClosedException where one has been closed meanwhile
  /// @throws DamagedException where files of one are damaged
  public static <T> T reading(Collection<Shard> shards, Reading<T> reading) throws IOException {
    List<Shard> inOrder = shards.stream().sorted(Comparator.comparing(Shard::id)).toList();
    return reading(inOrder, List.of(), reading);
  }

  /// The same for somebody who may read for long: closing a shard does not wait for that, but
  /// interrupts it.
  ///
  /// @throws ShardClosedException also where it has been interrupted so
  public static <T> T readingForLong(Collection<Shard> shards, Reading<T> reading)
      throws IOException {
    LongReader reader = new LongReader();
    shards.forEach(s -> s.readers().came(reader));
    boolean cut = false;
    try {
      return reading(shards, reading);
    } catch (IOException e) {
      cut = reader.end();
      if (cut) {
        throw new ShardClosedException(shards.iterator().next().id());
      }
      throw e;
    } finally {
      shards.forEach(s -> s.readers().left(reader));
      if (cut || reader.end()) {
        // What it was interrupted for has been said.
        boolean _ = Thread.interrupted();
      }
    }
  }

  /// Holds on to one shard after the other. A shard may come more than once, as another state.
  private static <T> T reading(List<Shard> shards, List<ShardState> states, Reading<T> reading)
      throws IOException {
    if (states.size() == shards.size()) {
      return reading.read(
          new HeldShards(shards, states, states.stream().map(s -> s.active().view()).toList()));
    }
    return shards
        .get(states.size())
        .reading(
            now -> {
              List<ShardState> more = new ArrayList<>(states);
              more.add(now);
              return reading(shards, more, reading);
            });
  }

  List<Shard> shards() {
    return shards;
  }

  /// What each of them shows of a view that all of them have.
  List<ShardState.Seen> see(String view) {
    List<ShardState.Seen> seen = new ArrayList<>();
    for (int i = 0; i < states.size(); i++) {
      seen.add(states.get(i).see(view, visible.get(i)));
    }
    return seen;
  }

  private HeldShards of(StreamPartition id) {
    int at = shards.indexOf(shard(id));
    return new HeldShards(
        List.of(shards.get(at)), List.of(states.get(at)), List.of(visible.get(at)));
  }

  /// Those of one stream.
  private HeldShards of(String stream) {
    List<Shard> some = new ArrayList<>();
    List<ShardState> theirStates = new ArrayList<>();
    List<Tail.View> theirViews = new ArrayList<>();
    for (int i = 0; i < shards.size(); i++) {
      if (shards.get(i).id().stream().equals(stream)) {
        some.add(shards.get(i));
        theirStates.add(states.get(i));
        theirViews.add(visible.get(i));
      }
    }
    return new HeldShards(some, theirStates, theirViews);
  }

  /// A file of a table, here or in the archive.
  ///
  /// @param minTime the least event time in it
  /// @param maxTime the greatest
  /// @param below of its rows, those of records below this offset count; [Long#MAX_VALUE] where all
  ///   do
  /// @param where what rows must satisfy besides; columns as in [TableShape#events]. Nothing, in a
  ///   rollup
  public record Segment(
      String name, long minTime, long maxTime, long rows, long below, List<Condition> where) {
    public Segment {
      where = List.copyOf(where);
    }
  }

  /// What one shard has of its stream's table, or of a rollup.
  ///
  /// @param segments what is in files, those of the archive first
  /// @param tails what is not in files yet
  /// @param next these are exactly the events below this offset
  /// @param notBefore events before this time are not answered any more
  public record Table(
      StreamPartition id,
      List<Segment> segments,
      List<TailPart> tails,
      long next,
      long notBefore) {}

  /// What each shard of a stream has of its table, in the order of partitions.
  public List<Table> tables(String stream) {
    return tables(stream, Manifest.TABLE);
  }

  /// What each shard of a stream has of a rollup: its segments, and the rows that are not in them
  /// yet.
  ///
  /// @param definition which of the views of that name, declared or earlier
  /// @throws FillingException where one of them does not have all of it yet
  public List<Table> rollup(String stream, String view, String definition) throws FillingException {
    HeldShards some = of(stream);
    if (some.shards.isEmpty()) {
      return List.of();
    }
    String name = some.nameOf(view, definition);
    some.requireFilled(name);
    return tables(stream, name);
  }

  /// All of this process have the same declared.
  private String nameOf(String view, String definition) throws FillingException {
    return shards.getFirst().views().nameOf(view, definition, states.getFirst().manifest());
  }

  void requireFilled(String view) throws FillingException {
    for (int i = 0; i < shards.size(); i++) {
      shards.get(i).views().requireFilled(view, states.get(i).manifest());
    }
  }

  private List<Table> tables(String stream, String view) {
    HeldShards some = of(stream);
    List<ShardState.Seen> seen = some.see(view);
    List<Table> tables = new ArrayList<>();
    boolean ofTable = view.equals(Manifest.TABLE);
    for (int i = 0; i < seen.size(); i++) {
      Map<List<Erasure>, List<Condition>> where = new HashMap<>();
      Shard shard = some.shards.get(i);
      ShardState.Seen now = seen.get(i);
      tables.add(
          new Table(
              shard.id(),
              shard.views().tableFiles(now).all().stream()
                  .map(s -> segment(s, now, ofTable ? where(s, now.erasures(), where) : List.of()))
                  .toList(),
              now.tails(),
              now.next(),
              ofTable
                  ? shard.views().tableNotBefore(now.streamTime())
                  : shard.views().notBefore(view, now)));
    }
    return tables;
  }

  private static Segment segment(SegmentRef s, ShardState.Seen seen, List<Condition> where) {
    boolean inPart = SegmentRef.isArchived(s.name()) && s.to() > seen.archived().below();
    long below = inPart ? seen.archived().below() : Long.MAX_VALUE;
    return new Segment(s.name(), s.minTime(), s.maxTime(), s.rows(), below, where);
  }

  /// What rows of a file must satisfy: one list for all files from which the same is to be gone.
  private static List<Condition> where(
      SegmentRef s, Erasures erasures, Map<List<Erasure>, List<Condition>> known) {
    return erasures.isClean(s)
        ? List.of()
        : known.computeIfAbsent(erasures.of(s), _ -> List.copyOf(erasures.ofTable(s)));
  }

  /// The groups of a rollup, of all shards of its stream together; there is one at least.
  ///
  /// @param definition which of the views of that name, declared or earlier
  public RollupAnswer rollup(String stream, String view, String definition, RollupQuery query)
      throws IOException {
    HeldShards some = of(stream);
    return RollupAnswer.of(some, some.nameOf(view, definition), query);
  }

  /// From when on all events of a shard's table are here, and none in the archive, in microseconds.
  public long hereFrom(StreamPartition id) {
    return of(id).see(Manifest.TABLE).getFirst().archived().answering().stream()
        .mapToLong(f -> f.maxTime() + 1)
        .max()
        .orElse(Long.MIN_VALUE);
  }

  /// Begins to compare a view with the events of the table.
  ///
  /// @param id one of these shards
  /// @param view a view, or [Verification#TABLE]
  /// @param from what happened before this time is not compared, in microseconds
  /// @param to nor what happened at this time or later
  public Verification verify(StreamPartition id, String view, long from, long to) {
    Shard shard = shard(id);
    HeldShards one = of(id);
    ShardState.Seen ofTable = one.see(Manifest.TABLE).getFirst();
    ShardState.Seen ofView = one.see(view).getFirst();
    Manifest manifest = one.states.getFirst().manifest();
    String obstacle = "";
    if (!ofView.backfill().isDone()) {
      obstacle = "it is just being filled with what was there before it";
    } else if (ofTable.next() != ofView.next()) {
      obstacle = "it, or the table, is just being mended from the log";
    } else if (!shard.views().hasKeptRetention(manifest.view(Manifest.TABLE))) {
      obstacle = "the retention of the stream has changed since the table began";
    }
    return new Verification(
        shard, view, ofView.next(), shard.views().check(view, ofView, ofTable, from, to), obstacle);
  }

  /// Segments that one of the shards has.
  public record Wanted(StreamPartition id, List<String> segments) {}

  /// Lets somebody read segments of several shards as files: all as they were written. Those in the
  /// archive are fetched before that.
  ///
  /// @param wanted in the order in which the files are wanted
  public <T> T files(List<Wanted> wanted, Segments.FileReader<T> reader) throws IOException {
    @Nullable Segments here = null;
    @Nullable Segments archived = null;
    for (Wanted one : wanted) {
      Shard shard = shard(one.id());
      List<String> local = one.segments().stream().filter(n -> !SegmentRef.isArchived(n)).toList();
      if (!local.isEmpty()) {
        Segments some = shard.segments().select(local);
        here = here == null ? some : here.and(some);
      }
      if (local.size() < one.segments().size()) {
        TableFiles table = shard.views().tableFiles(of(one.id()).see(Manifest.TABLE).getFirst());
        Segments some = table.fetched(table.archived(one.segments()));
        archived = archived == null ? some : archived.and(some);
      }
    }
    @Nullable Segments some = here;
    return archived == null
        ? reading(here, local -> reader.read(inOrder(wanted, local, List.of())))
        : archived.reading(
            fetched -> reading(some, local -> reader.read(inOrder(wanted, local, fetched))));
  }

  private static <T> T reading(@Nullable Segments segments, Segments.FileReader<T> reader)
      throws IOException {
    return segments == null ? reader.read(List.of()) : segments.reading(reader);
  }

  /// @param local the files of the segments that are here, in the order in which they are wanted
  /// @param fetched the others
  private static List<Path> inOrder(List<Wanted> wanted, List<Path> local, List<Path> fetched) {
    Iterator<Path> here = local.iterator();
    Iterator<Path> others = fetched.iterator();
    return wanted.stream()
        .flatMap(one -> one.segments().stream())
        .map(name -> SegmentRef.isArchived(name) ? others.next() : here.next())
        .toList();
  }

  private Shard shard(StreamPartition id) {
    return shards.stream().filter(s -> s.id().equals(id)).findFirst().orElseThrow();
  }
}
