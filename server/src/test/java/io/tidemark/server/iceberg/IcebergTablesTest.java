package io.tidemark.server.iceberg;

import static java.util.stream.Collectors.toSet;
import static org.assertj.core.api.Assertions.assertThat;

import io.tidemark.archive.ArchiveTables.Published;
import io.tidemark.archive.ArchiveUnavailableException;
import io.tidemark.archive.ArchivedFile;
import io.tidemark.archive.ArchivedPart;
import io.tidemark.archive.FolderObjectStore;
import io.tidemark.archive.ObjectKey;
import io.tidemark.archive.ObjectStore;
import io.tidemark.archive.StoredObject;
import io.tidemark.event.EventType;
import io.tidemark.event.Field;
import io.tidemark.event.FieldType;
import io.tidemark.log.StreamPartition;
import io.tidemark.table.FileSum;
import io.tidemark.table.TableShape;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.Stream;
import org.apache.iceberg.BaseTable;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.FileScanTask;
import org.apache.iceberg.Table;
import org.apache.iceberg.expressions.Expression;
import org.apache.iceberg.expressions.Expressions;
import org.apache.iceberg.io.CloseableIterable;
import org.apache.iceberg.types.Types;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Tables have what the archive has, whoever publishes it, and whatever breaks.
class IcebergTablesTest {
  private static final int SHARDS = 3;
  private static final long HOUR = 3_600_000_000L;
  private static final String FOLDER = "_iceberg/tags/";

  @TempDir private Path folder;
  private Path archive;
  private FaultyStore store;
  private final List<ShardPart> parts = new ArrayList<>();

  /// What files of the stream may have.
  private final List<TableShape> known = new ArrayList<>();

  private Instant now = Instant.now();

  /// What the owner of a shard knows.
  private static final class ShardPart {
    private final int partition;
    private String log = "first";
    private long next;
    private long erased;
    private long streamTime;
    private List<ArchivedFile> files = List.of();

    ShardPart(int partition) {
      this.partition = partition;
    }

    ArchivedPart of(TableShape shape) {
      return new ArchivedPart(
          new StreamPartition("tags", partition), shape, log, next, erased, streamTime, files);
    }

    void put(int hours) {
      List<ArchivedFile> more = new ArrayList<>(files);
      for (int i = 0; i < hours; i++) {
        long hour = next / 10 + i;
        String name =
            "stream=tags/date=2026-01-01/hour=%02d/%05d-%020d-%020d-%08x.parquet"
                .formatted(hour % 24, partition, next, next + 10, hour);
        more.add(file(name, hour));
      }
      files = more;
      next += 10;
    }

    private ArchivedFile file(String name, long hour) {
      return new ArchivedFile(
          new ObjectKey(name), 5, new FileSum(100, 7), hour * HOUR, hour * HOUR + 1000);
    }

    void erase(Random random) {
      List<ArchivedFile> left = new ArrayList<>();
      for (ArchivedFile file : files) {
        if (random.nextInt(4) > 0) {
          left.add(file);
        } else if (random.nextBoolean()) {
          left.add(file(rewritten(file), file.minTime() / HOUR));
        }
      }
      files = left;
      erased++;
    }

    private String rewritten(ArchivedFile file) {
      String name = file.key().text().replaceFirst("(-\\d{20}-\\d{20})-.*", "$1");
      return "%s-%020d-%08x.parquet".formatted(name, erased, file.hashCode());
    }

    void expire() {
      streamTime++;
      files = files.subList(Math.min(1, files.size()), files.size());
    }
  }

  /// Fails now and then, before it has done something or after.
  private static final class FaultyStore implements ObjectStore {
    private final ObjectStore store;
    private Random random = new Random(0);
    private int oneIn;

    FaultyStore(ObjectStore store) {
      this.store = store;
    }

    private interface Call<T> {
      T call() throws IOException;
    }

    private <T> T over(Call<T> call) throws IOException {
      boolean fails = oneIn > 0 && random.nextInt(oneIn) == 0;
      if (fails && random.nextBoolean()) {
        throw new ArchiveUnavailableException("the way is cut", null);
      }
      T result = call.call();
      if (fails) {
        throw new ArchiveUnavailableException("the way back is cut", null);
      }
      return result;
    }

    @Override
    public boolean put(ObjectKey key, Path file, FileSum sum) throws IOException {
      return over(() -> store.put(key, file, sum));
    }

    @Override
    public void putBytes(ObjectKey key, byte[] content) throws IOException {
      boolean _ =
          over(
              () -> {
                store.putBytes(key, content);
                return true;
              });
    }

    @Override
    public byte[] getBytes(ObjectKey key) throws IOException {
      return over(() -> store.getBytes(key));
    }

    @Override
    public void get(ObjectKey key, Path file, FileSum sum) {
      throw new UnsupportedOperationException();
    }

    @Override
    public java.util.Optional<StoredObject> stat(ObjectKey key) throws IOException {
      return over(() -> store.stat(key));
    }

    @Override
    public void list(String prefix, String after, Visitor visitor) throws IOException {
      boolean _ =
          over(
              () -> {
                store.list(prefix, after, visitor);
                return true;
              });
    }

    @Override
    public void delete(ObjectKey key) throws IOException {
      boolean _ =
          over(
              () -> {
                store.delete(key);
                return true;
              });
    }

    @Override
    public int tidy(long beforeMs) {
      throw new UnsupportedOperationException();
    }

    @Override
    public void close() throws IOException {
      store.close();
    }
  }

  @BeforeEach
  void open() throws IOException {
    archive = folder.resolve("archive");
    store = new FaultyStore(FolderObjectStore.open(archive, "test"));
    for (int p = 0; p < SHARDS; p++) {
      parts.add(new ShardPart(p));
    }
  }

  @AfterEach
  void close() throws IOException {
    store.close();
  }

  private static TableShape shape(Field... more) {
    List<Field> fields = new ArrayList<>();
    fields.add(new Field("at", FieldType.TIMESTAMP, true));
    fields.add(new Field("product_info.brand_id", FieldType.STRING, false));
    fields.addAll(List.of(more));
    return TableShape.events(new EventType("tags", fields));
  }

  private IcebergTables node(String name) throws IOException {
    Path scratch = Files.createDirectories(folder.resolve(name));
    return node(store, archive, scratch);
  }

  private IcebergTables node(ObjectStore objects, Path where, Path scratch) {
    return new IcebergTables(objects, where.toString(), scratch, _ -> known, () -> now);
  }

  /// The table as somebody sees it who has nothing but its path.
  private Table table(Path where, ObjectStore objects) throws IOException {
    StoredFiles files = new StoredFiles(objects, where.toString(), FOLDER);
    MetadataVersions versions =
        new MetadataVersions(
            objects, files, FOLDER + "metadata/", folder.resolve("reader"), m -> m);
    assertThat(versions.reload()).isNotNull();
    return new BaseTable(versions, "tags");
  }

  private static List<DataFile> files(Table table, Expression where) throws IOException {
    List<DataFile> files = new ArrayList<>();
    try (CloseableIterable<FileScanTask> all =
        table
            .newScan()
            .includeColumnStats()
            .filter(where)
            .planWith(new DirectExecutor())
            .planFiles()) {
      all.forEach(task -> files.add(task.file()));
    }
    return files;
  }

  private List<String> names() throws IOException {
    boolean[] isThere = {false};
    store.list(FOLDER + "metadata/v", "", _ -> isThere[0] = true);
    if (!isThere[0]) {
      return List.of();
    }
    Table table = table(archive, store);
    return table.currentSnapshot() == null
        ? List.of()
        : files(table, Expressions.alwaysTrue()).stream().map(DataFile::location).toList();
  }

  private List<String> wanted() {
    return parts.stream().flatMap(p -> p.files.stream()).map(f -> archive + "/" + f.key()).toList();
  }

  @Test
  void itHasTheFilesWithTheirRowsAndTimes() throws IOException {
    IcebergTables node = node("a");
    parts.get(0).put(2);
    parts.get(1).put(1);
    assertThat(node.publish(parts.get(0).of(shape()))).isEqualTo(Published.CHANGED);
    assertThat(node.publish(parts.get(1).of(shape()))).isEqualTo(Published.CHANGED);
    assertThat(node.publish(parts.get(1).of(shape()))).isEqualTo(Published.ALREADY);
    assertThat(names()).containsExactlyInAnyOrderElementsOf(wanted());
    Table table = table(archive, store);
    assertThat(files(table, Expressions.alwaysTrue()))
        .allSatisfy(f -> assertThat(f.recordCount()).isEqualTo(5));
    assertThat(table.currentSnapshot().summary()).containsEntry("total-records", "15");
    assertThat(files(table, Expressions.greaterThanOrEqual("_time", HOUR)))
        .extracting(DataFile::location)
        .containsExactly(archive + "/" + parts.get(0).files.get(1).key());
    assertThat(table.schema().columns())
        .extracting(Types.NestedField::name)
        .containsExactly("_time", "_offset", "at", "product_info.brand_id", "_extra");
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
  void whateverBreaksItHasWhatTheArchiveHas(long seed) throws IOException {
    Random random = new Random(seed);
    List<IcebergTables> nodes = new ArrayList<>(List.of(node("a"), node("b")));
    List<ArchivedPart> old = new ArrayList<>();
    int failed = 0;
    store.random = random;
    for (int step = 0; step < 200; step++) {
      ShardPart part = parts.get(random.nextInt(SHARDS));
      int one = random.nextInt(2);
      store.oneIn = 1 + random.nextInt(40);
      try {
        switch (random.nextInt(10)) {
          case 0, 1, 2 -> part.put(1 + random.nextInt(2));
          case 3 -> part.erase(random);
          case 4 -> part.expire();
          case 5 -> nodes.set(one, node(one == 0 ? "a" : "b"));
          case 6 -> now = now.plus(Duration.ofMinutes(random.nextInt(90)));
          case 7 -> {
            boolean _ = nodes.get(one).sweep("tags", Long.MAX_VALUE) > 0;
          }
          default -> {
            old.add(part.of(shape()));
            // Perhaps by somebody who has not heard of anything for long.
            int which = random.nextInt(4) == 0 ? random.nextInt(old.size()) : old.size() - 1;
            Published _ = nodes.get(one).publish(old.get(which));
          }
        }
      } catch (ArchiveUnavailableException _) {
        failed++;
      }
      store.oneIn = 0;
      eachPartIsOneThatWasPublished(old);
    }
    assertThat(failed).isPositive();
    for (ShardPart part : parts) {
      Published _ = node("a").publish(part.of(shape()));
    }
    assertThat(names()).containsExactlyInAnyOrderElementsOf(wanted());
    nothingElseIsLeft();
  }

  private void eachPartIsOneThatWasPublished(List<ArchivedPart> published) throws IOException {
    List<String> names = names();
    assertThat(names).doesNotHaveDuplicates();
    for (ShardPart part : parts) {
      Set<String> its = new HashSet<>();
      for (String name : names) {
        if (name.contains("/%05d-".formatted(part.partition))) {
          its.add(name);
        }
      }
      List<Set<String>> all = new ArrayList<>(List.of(Set.of()));
      for (ArchivedPart one : published) {
        if (one.shard().partition() == part.partition) {
          all.add(one.files().stream().map(f -> archive + "/" + f.key()).collect(toSet()));
        }
      }
      assertThat(all).contains(its);
    }
  }

  private void nothingElseIsLeft() throws IOException {
    boolean _ = node("a").sweep("tags", Long.MAX_VALUE) > 0;
    Set<String> left = new HashSet<>();
    store.list(FOLDER, "", found -> left.add(found.key().text()));
    assertThat(names()).containsExactlyInAnyOrderElementsOf(wanted());
    Table table = table(archive, store);
    Set<String> named = new HashSet<>();
    table
        .snapshots()
        .forEach(
            s -> {
              named.add(s.manifestListLocation());
              s.allManifests(table.io()).forEach(m -> named.add(m.path()));
            });
    assertThat(left.stream().filter(n -> n.endsWith(".avro")).map(n -> archive + "/" + n))
        .containsExactlyInAnyOrderElementsOf(named);
    assertThat(left.stream().filter(n -> n.endsWith(".json")).count()).isLessThanOrEqualTo(21);
  }

  @Test
  void aNewFieldIsANewColumnAndOneOfTwoTypesIsLeftOut() throws IOException {
    IcebergTables node = node("a");
    ShardPart part = parts.getFirst();
    part.put(1);
    assertThat(node.publish(part.of(shape(new Field("n", FieldType.LONG, false)))))
        .isEqualTo(Published.CHANGED);
    part.put(1);
    Field widened = new Field("n", FieldType.DOUBLE, false);
    Field more = new Field("place.room", FieldType.STRING, false);
    TableShape changed = shape(widened, more);
    assertThat(node.publish(part.of(changed))).isEqualTo(Published.CHANGED);
    assertThat(node.publish(part.of(changed))).isEqualTo(Published.ALREADY);
    part.put(1);
    assertThat(node("b").publish(part.of(changed))).isEqualTo(Published.CHANGED);
    Table table = table(archive, store);
    assertThat(table.schema().columns())
        .extracting(Types.NestedField::name)
        .containsExactlyInAnyOrder(
            "_time", "_offset", "at", "product_info.brand_id", "place.room", "_extra");
    assertThat(table.properties().get("schema.name-mapping.default"))
        .contains("place.room")
        .doesNotContain("\"n\"");
    assertThat(names()).containsExactlyInAnyOrderElementsOf(wanted());
  }

  @Test
  void aTableOverOlderFilesLeavesOutWhatTheyHaveWithAnotherType() throws IOException {
    known.add(shape(new Field("n", FieldType.LONG, false)));
    TableShape last =
        shape(new Field("n", FieldType.DOUBLE, false), new Field("_pos", FieldType.LONG, false));
    known.add(last);
    ShardPart part = parts.getFirst();
    part.put(1);
    assertThat(node("a").publish(part.of(last))).isEqualTo(Published.CHANGED);
    assertThat(table(archive, store).schema().columns())
        .extracting(Types.NestedField::name)
        .containsExactly("_time", "_offset", "at", "product_info.brand_id", "_extra");
    // Who has not heard of the older ones goes by what the table says.
    known.clear();
    assertThat(node("b").publish(part.of(last))).isEqualTo(Published.ALREADY);
  }

  @Test
  void versionsStayForAnHourButNotTooMany() throws IOException {
    IcebergTables node = node("a");
    ShardPart part = parts.getFirst();
    for (int i = 0; i < 3; i++) {
      part.put(1);
      assertThat(node.publish(part.of(shape()))).isEqualTo(Published.CHANGED);
    }
    assertThat(table(archive, store).snapshots()).hasSize(3);
    now = now.plus(Duration.ofHours(2));
    part.put(1);
    assertThat(node.publish(part.of(shape()))).isEqualTo(Published.CHANGED);
    assertThat(table(archive, store).snapshots())
        .as("of all but that of before, others took the place two hours ago")
        .hasSize(2);
    now = Instant.now();
    for (int i = 0; i < 120; i++) {
      part.put(1);
      assertThat(node.publish(part.of(shape()))).isEqualTo(Published.CHANGED);
    }
    assertThat(table(archive, store).snapshots()).hasSize(100);
    assertThat(node.sweep("tags", Long.MAX_VALUE)).isPositive();
    nothingElseIsLeft();
  }

  @Test
  void whoHasNotChangedItForLongGoesOnFromTheNewestVersion() throws IOException {
    IcebergTables a = node("a");
    IcebergTables b = node("b");
    parts.get(0).put(1);
    parts.get(1).put(1);
    assertThat(a.publish(parts.get(0).of(shape()))).isEqualTo(Published.CHANGED);
    assertThat(b.publish(parts.get(1).of(shape()))).isEqualTo(Published.CHANGED);
    for (int i = 0; i < 30; i++) {
      parts.get(0).put(1);
      assertThat(a.publish(parts.get(0).of(shape()))).isEqualTo(Published.CHANGED);
    }
    assertThat(a.sweep("tags", Long.MAX_VALUE)).isPositive();
    parts.get(1).put(1);
    assertThat(b.publish(parts.get(1).of(shape()))).isEqualTo(Published.CHANGED);
    assertThat(names()).containsExactlyInAnyOrderElementsOf(wanted());
  }

  @Test
  void whoKnowsLessChangesNothingUnlessOfAnotherLog() throws IOException {
    IcebergTables node = node("a");
    ShardPart part = parts.getFirst();
    part.put(1);
    ArchivedPart early = part.of(shape());
    part.put(1);
    assertThat(node.publish(part.of(shape()))).isEqualTo(Published.CHANGED);
    assertThat(node.publish(early)).isEqualTo(Published.LATER);
    part.expire();
    assertThat(node("b").publish(part.of(shape()))).isEqualTo(Published.CHANGED);
    ShardPart anew = new ShardPart(0);
    anew.log = "second";
    anew.put(1);
    parts.set(0, anew);
    assertThat(node.publish(anew.of(shape()))).isEqualTo(Published.CHANGED);
    assertThat(names()).containsExactlyInAnyOrderElementsOf(wanted());
  }

  @Test
  void aTableThatSomebodyHasRemovedComesAgain() throws IOException {
    IcebergTables node = node("a");
    ShardPart part = parts.getFirst();
    part.put(2);
    assertThat(node.publish(part.of(shape()))).isEqualTo(Published.CHANGED);
    delete("");
    assertThat(node.publish(part.of(shape()))).isEqualTo(Published.CHANGED);
    assertThat(names()).containsExactlyInAnyOrderElementsOf(wanted());
    delete(".avro");
    assertThat(node("b").publish(part.of(shape()))).isEqualTo(Published.CHANGED);
    assertThat(names()).containsExactlyInAnyOrderElementsOf(wanted());
  }

  private void delete(String ending) throws IOException {
    List<ObjectKey> keys = new ArrayList<>();
    store.list(FOLDER, "", f -> !f.key().text().endsWith(ending) || keys.add(f.key()));
    assertThat(keys).isNotEmpty();
    for (ObjectKey key : keys) {
      store.delete(key);
    }
  }

  @Test
  void timesAreExactOrNotSaid() throws IOException {
    ShardPart part = parts.getFirst();
    part.put(1);
    ArchivedFile file = part.files.getFirst();
    assertThat(file.isRewritten()).isFalse();
    assertThat(node("a").publish(part.of(shape()))).isEqualTo(Published.CHANGED);
    assertThat(onlyFile().lowerBounds()).hasSize(1);
    part.erased = 1;
    part.files = List.of(part.file(part.rewritten(file), 0));
    assertThat(part.files.getFirst().isRewritten()).isTrue();
    assertThat(node("a").publish(part.of(shape()))).isEqualTo(Published.CHANGED);
    assertThat(onlyFile().lowerBounds()).isNull();
    assertThat(onlyFile().upperBounds()).isNull();
  }

  private DataFile onlyFile() throws IOException {
    return files(table(archive, store), Expressions.alwaysTrue()).getFirst();
  }

  @Test
  void aHintThatIsBehindIsMended() throws IOException {
    IcebergTables node = node("a");
    ObjectKey hint = new ObjectKey(FOLDER + "metadata/version-hint.text");
    parts.getFirst().put(1);
    assertThat(node.publish(parts.getFirst().of(shape()))).isEqualTo(Published.CHANGED);
    byte[] right = store.getBytes(hint);
    store.putBytes(hint, new byte[] {'1'});
    assertThat(node.publish(parts.getFirst().of(shape()))).isEqualTo(Published.ALREADY);
    assertThat(store.getBytes(hint)).isEqualTo(right);
    store.delete(hint);
    assertThat(node("b").sweep("tags", 0)).isZero();
    assertThat(store.getBytes(hint)).isEqualTo(right);
  }

  @Test
  void anArchiveThatHasMovedHasANewTable() throws IOException {
    ShardPart part = parts.getFirst();
    part.put(2);
    assertThat(node("a").publish(part.of(shape()))).isEqualTo(Published.CHANGED);
    Path moved = folder.resolve("moved");
    try (Stream<Path> all = Files.walk(archive)) {
      for (Path one : (Iterable<Path>) all::iterator) {
        Files.copy(one, moved.resolve(archive.relativize(one)));
      }
    }
    try (ObjectStore there = FolderObjectStore.open(moved, "test")) {
      IcebergTables node = node(there, moved, Files.createDirectories(folder.resolve("c")));
      assertThat(node.publish(part.of(shape()))).isEqualTo(Published.CHANGED);
      assertThat(files(table(moved, there), Expressions.alwaysTrue()))
          .extracting(DataFile::location)
          .containsExactlyInAnyOrderElementsOf(
              part.files.stream().map(f -> moved + "/" + f.key()).toList());
    }
  }
}
