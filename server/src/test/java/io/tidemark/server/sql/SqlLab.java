package io.tidemark.server.sql;

import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.app.App;
import io.tidemark.app.Catalog;
import io.tidemark.app.Measure;
import io.tidemark.app.RollupSpec;
import io.tidemark.app.StreamSpec;
import io.tidemark.event.EventRow;
import io.tidemark.event.EventType;
import io.tidemark.event.Field;
import io.tidemark.event.FieldType;
import io.tidemark.log.Mark;
import io.tidemark.log.StreamPartition;
import io.tidemark.query.Queries;
import io.tidemark.query.Shards;
import io.tidemark.query.Snapshots;
import io.tidemark.query.SqlAnswer;
import io.tidemark.query.SqlExcerpts;
import io.tidemark.query.SqlFormat;
import io.tidemark.query.SqlNeeds;
import io.tidemark.query.SqlNeedsCodec;
import io.tidemark.query.SqlQuestion;
import io.tidemark.query.SqlRefusedException;
import io.tidemark.query.SqlShards;
import io.tidemark.server.duckdb.DuckDbOptions;
import io.tidemark.server.duckdb.ParquetSegments;
import io.tidemark.shard.BackfillStep;
import io.tidemark.shard.Checkpoint;
import io.tidemark.shard.FillingException;
import io.tidemark.shard.FolderStorage;
import io.tidemark.shard.HeldShards;
import io.tidemark.shard.ListLog;
import io.tidemark.shard.Shard;
import io.tidemark.shard.ShardSpec;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;

/// Shards of a stream in a folder, and SQL over them.
final class SqlLab implements AutoCloseable {
  static final ObjectMapper JSON = new ObjectMapper();
  static final long MINUTE = 60_000_000L;
  static final long EXCERPT_BYTES = 16L << 20;

  static final EventType TYPE =
      new EventType(
          "tags",
          List.of(
              new Field("seen", FieldType.TIMESTAMP, true),
              new Field("action", FieldType.STRING, false),
              new Field("product_info.brand_id", FieldType.STRING, false),
              new Field("product_info.price", FieldType.LONG, false),
              new Field("product_info.size.width", FieldType.DOUBLE, false),
              new Field("ok", FieldType.BOOLEAN, false),
              new Field("notes", FieldType.JSON, false)));

  static final int SEEN = 0;
  static final int ACTION = 1;
  static final int BRAND = 2;
  static final int PRICE = 3;
  static final int WIDTH = 4;
  static final int OK = 5;
  static final int NOTES = 6;

  private final EventType type;
  private final ParquetSegments segments;
  private final List<Shard> shards = new ArrayList<>();
  private final List<ListLog> logs = new ArrayList<>();

  /// Open once shards are held for a question.
  private final CountDownLatch held = new CountDownLatch(1);

  private final Path folder;
  private final StreamSpec stream;
  private final long memoryBytes;
  private DuckSql sql;

  /// Another node with the same shards.
  private DuckSql other;

  /// The partitions that the other one is asked for.
  private Set<Integer> elsewhere = Set.of();

  private boolean late;

  /// How many bytes it has sent.
  private long sentBytes;

  private boolean isOfEarlierView;

  /// What happens before shards are read the next times.
  private final Queue<Deed> beforeReads = new ArrayDeque<>();

  /// Something that happens.
  interface Deed {
    void act() throws IOException;
  }

  /// What happens to them on the way.
  private UnaryOperator<byte[]> way = UnaryOperator.identity();

  SqlLab(Path folder, int partitions, Optional<Duration> retain) throws IOException {
    this(folder, partitions, retain, 256L << 20);
  }

  SqlLab(Path folder, int partitions, Optional<Duration> retain, long memoryBytes)
      throws IOException {
    this(folder, partitions, retain, memoryBytes, TYPE);
  }

  /// @param type begins as [#TYPE]
  SqlLab(Path folder, int partitions, Optional<Duration> retain, long memoryBytes, EventType type)
      throws IOException {
    this.type = type;
    this.folder = folder;
    this.memoryBytes = memoryBytes;
    this.stream =
        new StreamSpec(
            "tags",
            type,
            "{}",
            SEEN,
            List.of(),
            Optional.empty(),
            retain,
            partitions,
            0,
            Duration.ofDays(1));
    segments =
        ParquetSegments.open(
            new DuckDbOptions(folder.resolve("temporary"), DuckDbOptions.MIN_MEMORY_BYTES, 1, 2));
    for (int p = 0; p < partitions; p++) {
      logs.add(new ListLog());
    }
    start(rollup(), rollup(), Set.of());
  }

  /// @param more measures
  private static RollupSpec rollup(Measure... more) {
    List<Measure> measures =
        List.of(
            new Measure("count", Measure.Kind.COUNT, Measure.ALL, 0),
            new Measure("total", Measure.Kind.SUM, PRICE, 0),
            new Measure("mean", Measure.Kind.AVG, PRICE, 0),
            new Measure("last", Measure.Kind.MAX, SEEN, 0));
    return new RollupSpec(
        "per_minute",
        "tags",
        Duration.ofMinutes(1),
        List.of(ACTION, BRAND),
        List.of(),
        Stream.concat(measures.stream(), Stream.of(more)).toList(),
        Optional.empty());
  }

  private void start(RollupSpec ours, RollupSpec theirs, Set<Integer> others) throws IOException {
    for (int p = 0; p < logs.size(); p++) {
      Path own = folder.resolve("shards").resolve("tags").resolve(Integer.toString(p));
      RollupSpec rollup = others.contains(p) ? theirs : ours;
      ShardSpec spec = new ShardSpec(stream, List.of(rollup), p, ShardSpec.Limits.DEFAULT);
      shards.add(
          Shard.open(
              spec,
              FolderStorage.open(
                  own,
                  segments,
                  f -> {
                    throw new IOException("no sorted store is needed");
                  }),
              logs.get(p),
              false));
    }
    Held here = new Held(shards, held);
    sql = new DuckSql(catalog(ours), this::read, here, options("sql"));
    other = new DuckSql(catalog(theirs), this::read, here, options("other"));
  }

  private Catalog catalog(RollupSpec rollup) {
    return new Catalog(
        List.of(new App("lab", folder, List.of(stream), List.of(rollup), List.of())));
  }

  /// Starts anew with more measures of the rollup.
  void redeclare(Measure... more) throws IOException {
    redeclare(rollup(more), rollup(more), Set.of());
  }

  /// Starts some nodes anew with more measures of the rollup.
  ///
  /// @param isHere whether that is this node, else it is the other one
  void redeclareOne(boolean isHere, Measure... more) throws IOException {
    redeclare(isHere ? rollup(more) : rollup(), isHere ? rollup() : rollup(more), elsewhere);
  }

  /// @param others partitions that the other node has
  private void redeclare(RollupSpec here, RollupSpec there, Set<Integer> others)
      throws IOException {
    sql.close();
    other.close();
    closeShards();
    shards.clear();
    start(here, there, others);
  }

  /// Fills what has been declared anew.
  void fill(int partition) throws IOException {
    Shard shard = shards.get(partition);
    while (shard.backfilling().left() > 0) {
      BackfillStep.Report _ = shard.backfilling().begin().orElseThrow().run();
    }
    checkpoint(partition);
  }

  /// Lets what was declared before go.
  void retire(int partition) throws IOException {
    shards.get(partition).backfilling().earlier().retire("per_minute");
    checkpoint(partition);
  }

  private SqlOptions options(String name) {
    return new SqlOptions(
        folder.resolve(name),
        List.of(folder.resolve("shards")),
        memoryBytes,
        256L << 20,
        16L << 20,
        EXCERPT_BYTES,
        2,
        2);
  }

  /// All shards, some of them asked elsewhere.
  private <T> T read(
      SqlNeeds needs,
      Queries.After after,
      long deadlineNanos,
      SqlShards.Excerpts excerpts,
      HeldShards.Reading<T> reader)
      throws SqlRefusedException,
          Shards.NotVisibleException,
          Shards.UnavailableException,
          IOException {
    Deed deed = beforeReads.poll();
    if (deed != null) {
      deed.act();
    }
    List<StreamPartition> here = new ArrayList<>();
    List<StreamPartition> there = new ArrayList<>();
    if (!needs.streams().isEmpty()) {
      for (Shard shard : shards) {
        (elsewhere.contains(shard.id().partition()) ? there : here).add(shard.id());
      }
    }
    for (StreamPartition id : there) {
      try (SqlExcerpts.Excerpt excerpt =
          other.excerpt(throughItsCodec(needs), List.of(id), after, deadlineNanos)) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        excerpt.writeTo(bytes);
        assertThat(bytes.size()).isEqualTo((int) excerpt.length());
        sentBytes += bytes.size();
        byte[] sent = way.apply(bytes.toByteArray());
        if (late) {
          // Nobody has waited for it, but it comes.
          Runnable _ = excerpts.take("late", List.of(id), new ByteArrayInputStream(sent));
        }
        excerpts.take("node-" + id.partition(), List.of(id), new ByteArrayInputStream(sent)).run();
      }
    }
    return new Held(shards, held).read(here, after, reader);
  }

  private static SqlNeeds throughItsCodec(SqlNeeds needs) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    SqlNeedsCodec.write(needs, new DataOutputStream(bytes));
    SqlNeeds read =
        SqlNeedsCodec.read(new DataInputStream(new ByteArrayInputStream(bytes.toByteArray())));
    assertThat(read).isEqualTo(needs);
    return read;
  }

  /// From now on each excerpt comes twice: once when nobody waits for it any more.
  void sendLate() {
    late = true;
  }

  /// From now on another node is asked for some partitions.
  void moveElsewhere(Set<Integer> partitions) {
    elsewhere = partitions;
  }

  /// What happens before shards are read for the next time, the time after that, and so on.
  void beforeReads(Deed... deeds) {
    beforeReads.addAll(List.of(deeds));
  }

  /// From now on this happens to what it sends.
  void onTheWay(UnaryOperator<byte[]> change) {
    way = change;
  }

  /// How many bytes the other node has sent since this was asked last.
  long sentBytes() {
    long sent = sentBytes;
    sentBytes = 0;
    return sent;
  }

  /// Whatever the mark.
  private record Held(List<Shard> shards, CountDownLatch held) implements Snapshots {
    @Override
    public <T> T read(
        Collection<StreamPartition> ids, Queries.After after, HeldShards.Reading<T> reader)
        throws Shards.ViewFillingException, IOException {
      try {
        return HeldShards.readingForLong(
            shards.stream().filter(s -> ids.contains(s.id())).toList(),
            now -> {
              held.countDown();
              return reader.read(now);
            });
      } catch (FillingException e) {
        throw new Shards.ViewFillingException(
            String.valueOf(e.getMessage()), Optional.of(e.shard()), e.view(), e.earlier());
      }
    }
  }

  /// Adds an event; seen from [#publish] on.
  void add(int partition, long timeMicros, Consumer<EventRow> fields) {
    EventRow row = new EventRow(type);
    row.setWord(SEEN, timeMicros);
    fields.accept(row);
    logs.get(partition).append(row);
    logs.get(partition).applyTo(shards.get(partition));
  }

  void publish() {
    shards.forEach(Shard::publish);
  }

  void checkpoint(int partition) throws IOException {
    shards.get(partition).publish();
    Checkpoint.Report _ = shards.get(partition).beginCheckpoint().run();
  }

  /// Waits until shards are held for a question.
  void awaitHeld() throws InterruptedException {
    held.await();
  }

  /// Closes the shards, as when they move to another node.
  void closeShards() throws IOException {
    for (Shard shard : shards) {
      shard.close();
    }
  }

  DuckSql sql() {
    return sql;
  }

  /// An answer as text.
  String text(SqlQuestion question, SqlFormat format) throws SqlRefusedException, IOException {
    return new String(bytes(question, format), StandardCharsets.UTF_8);
  }

  byte[] bytes(SqlQuestion question, SqlFormat format) throws SqlRefusedException, IOException {
    try (SqlAnswer answer =
            sql.answer(question, format, new Queries.After(Mark.NONE, System.nanoTime()));
        InputStream in = answer.open()) {
      isOfEarlierView = answer.isOfEarlierView();
      return in.readAllBytes();
    } catch (Shards.NotVisibleException | Shards.UnavailableException e) {
      throw new IOException(e);
    }
  }

  /// Whether the last answer was of the rollup as it was declared before.
  boolean isOfEarlierView() {
    return isOfEarlierView;
  }

  static SqlQuestion question(String text, SqlQuestion.Parameter... parameters) {
    return new SqlQuestion(text, List.of(parameters), 100_000, 20_000);
  }

  JsonNode json(String text, SqlQuestion.Parameter... parameters)
      throws SqlRefusedException, IOException {
    return JSON.readTree(text(question(text, parameters), SqlFormat.JSON));
  }

  /// The rows of an answer.
  JsonNode rows(String text, SqlQuestion.Parameter... parameters)
      throws SqlRefusedException, IOException {
    return json(text, parameters).get("rows");
  }

  @Override
  public void close() throws IOException {
    sql.close();
    other.close();
    closeShards();
    segments.close();
  }
}
