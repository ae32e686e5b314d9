package io.tidemark.server.iceberg;

import io.tidemark.archive.ArchiveTables.Published;
import io.tidemark.archive.ArchiveUnavailableException;
import io.tidemark.archive.ArchivedFile;
import io.tidemark.archive.ArchivedPart;
import io.tidemark.archive.ObjectKey;
import io.tidemark.archive.ObjectStore;
import io.tidemark.table.TableShape;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Supplier;
import org.apache.iceberg.AppendFiles;
import org.apache.iceberg.BaseTable;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.FileScanTask;
import org.apache.iceberg.ManifestFile;
import org.apache.iceberg.OverwriteFiles;
import org.apache.iceberg.Schema;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.Table;
import org.apache.iceberg.TableMetadata;
import org.apache.iceberg.TableProperties;
import org.apache.iceberg.Transaction;
import org.apache.iceberg.UpdateProperties;
import org.apache.iceberg.UpdateSchema;
import org.apache.iceberg.exceptions.CommitFailedException;
import org.apache.iceberg.exceptions.NotFoundException;
import org.apache.iceberg.io.CloseableIterable;
import org.apache.iceberg.mapping.MappingUtil;
import org.apache.iceberg.mapping.NameMappingParser;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The table of one stream. Each shard's part of it is changed by who puts the shard's files, in
/// one commit that also says, in a property of the table, how far the part is: so nobody who knows
/// less takes it back, and nothing is there twice.
final class IcebergTable {
  private static final Logger log = LoggerFactory.getLogger(IcebergTable.class);

  /// Who reads a version when it is replaced may go on for so long.
  private static final Duration KEPT = Duration.ofHours(1);

  /// How many versions there are at most: all metadata has all of them.
  private static final int MAX_VERSIONS = 100;

  /// How often a change is tried while others are quicker.
  private static final int ATTEMPTS = 10;

  /// Names of columns, one on each line, that the table does without.
  private static final String LEFT_OUT = "tidemark.columns-left-out";

  private static final DirectExecutor DIRECT = new DirectExecutor();

  private static final Map<String, String> PROPERTIES =
      Map.of(
          TableProperties.FORMAT_VERSION,
          "2",
          // Who drops the table must not delete the archive's files.
          TableProperties.GC_ENABLED,
          "false",
          // An object is read whole.
          TableProperties.MANIFEST_TARGET_SIZE_BYTES,
          Integer.toString(1 << 20),
          TableProperties.METADATA_PREVIOUS_VERSIONS_MAX,
          "20",
          TableProperties.COMMIT_NUM_RETRIES,
          "0");

  private final ObjectStore store;
  private final StoredFiles files;
  private final String folder;
  private final String location;
  private final MetadataVersions versions;
  private final Supplier<List<TableShape>> shapes;
  private final InstantSource clock;

  /// By partition, what this node has published last.
  private final Map<Integer, Last> published = new HashMap<>();

  private record Last(Progress said, List<ArchivedFile> files) {}

  /// @param folder of the archive, where the table's own objects are, with a slash at its end
  /// @param scratch a local file of its own
  /// @param shapes that files of the stream may have
  IcebergTable(
      ObjectStore store,
      StoredFiles files,
      String folder,
      Path scratch,
      Supplier<List<TableShape>> shapes,
      InstantSource clock) {
    this.store = store;
    this.files = files;
    this.folder = folder;
    this.location = files.location(new ObjectKey(folder.substring(0, folder.length() - 1)));
    this.versions =
        new MetadataVersions(store, files, folder + "metadata/", scratch, this::withoutOld);
    this.shapes = shapes;
    this.clock = clock;
  }

  /// See [io.tidemark.archive.ArchiveTables#publish].
  Published publish(ArchivedPart part) throws IOException {
    boolean anew = false;
    for (int attempt = 1; ; attempt++) {
      try {
        return change(part, anew);
      } catch (NotFoundException e) {
        // Somebody has removed some of the table's own objects.
        if (anew) {
          throw new ArchiveUnavailableException(String.valueOf(e.getMessage()), e);
        }
        log.warn("the Iceberg table {} is made anew: {}", location, e.getMessage());
        anew = true;
      } catch (CommitFailedException e) {
        anew = false;
        if (attempt == ATTEMPTS) {
          throw new ArchiveUnavailableException(
              "the Iceberg table %s cannot be changed, as others are always quicker"
                  .formatted(location),
              e);
        }
      }
    }
  }

  /// @param anew whether another table takes the place of the one that is there
  private Published change(ArchivedPart part, boolean anew) throws IOException {
    int partition = part.shard().partition();
    String property = "tidemark.partition.%d".formatted(partition);
    Table table = open(part.shape(), anew);
    Optional<Progress> before = Progress.parse(table.properties().get(property));
    if (before.filter(b -> b.isBeyond(part)).isPresent()) {
      return Published.LATER;
    }
    Map<ObjectKey, DataFile> there = there(table, partition, before);
    Map<ObjectKey, ArchivedFile> wanted = new LinkedHashMap<>();
    part.files().forEach(f -> wanted.put(f.key(), f));
    List<DataFile> added =
        part.files().stream()
            .filter(f -> !there.containsKey(f.key()))
            .map(f -> ArchivedDataFile.of(table, files, f))
            .toList();
    List<DataFile> removed =
        there.entrySet().stream()
            .filter(f -> !wanted.containsKey(f.getKey()))
            .map(Map.Entry::getValue)
            .toList();
    Set<String> left = leftOut(table.properties(), part.shape());
    Columns.Change columns = Columns.change(table.schema(), part.shape(), left);
    if (added.isEmpty() && removed.isEmpty() && columns.isNone()) {
      versions.mendHint();
      before.ifPresent(b -> published.put(partition, new Last(b, part.files())));
      return Published.ALREADY;
    }
    Progress now = Progress.of(part);
    versions.require(base -> Progress.parse(base.properties().get(property)).equals(before));
    Transaction transaction = table.newTransaction();
    change(transaction, columns, left);
    transaction.updateProperties().set(property, now.toString()).commit();
    change(transaction, added, removed);
    transaction.commitTransaction();
    published.put(partition, new Last(now, part.files()));
    versions.mendHint();
    return Published.CHANGED;
  }

  /// Metadata without versions that others have taken the place of an hour ago, and without the
  /// oldest of too many. The library would not do that where nobody but us may delete files, and
  /// nothing is deleted here: somebody else may be quicker, and his versions need it.
  private TableMetadata withoutOld(TableMetadata metadata) {
    List<Snapshot> snapshots = new ArrayList<>(metadata.snapshots());
    snapshots.sort(Comparator.comparingLong(Snapshot::sequenceNumber));
    long before = clock.millis() - KEPT.toMillis();
    List<Snapshot> old = new ArrayList<>();
    for (int i = 0; i + 1 < snapshots.size(); i++) {
      boolean isReplacedNow = i + 2 == snapshots.size();
      if ((!isReplacedNow && snapshots.get(i + 1).timestampMillis() < before)
          || snapshots.size() - i > MAX_VERSIONS) {
        old.add(snapshots.get(i));
      }
    }
    return old.isEmpty()
        ? metadata
        : TableMetadata.buildFrom(metadata).removeSnapshots(old).build();
  }

  /// The table; another one where there is none, or the archive is somewhere else now.
  private Table open(TableShape shape, boolean anew) throws IOException {
    versions.require(_ -> true);
    TableMetadata now = versions.reload();
    if (now == null || anew || !now.location().equals(location)) {
      Set<String> left = leftOut(now == null ? Map.of() : now.properties(), shape);
      Schema schema = Columns.of(shape, left);
      Map<String, String> properties = new HashMap<>(PROPERTIES);
      properties.put(LEFT_OUT, String.join("\n", left));
      sayLeftOut(left);
      // It numbers the columns itself.
      TableMetadata fresh =
          TableMetadata.newTableMetadata(schema, Columns.byHours(schema), location, properties);
      versions.commit(
          now,
          TableMetadata.buildFrom(fresh)
              .setProperties(Map.of(TableProperties.DEFAULT_NAME_MAPPING, names(fresh.schema())))
              .discardChanges()
              .build());
    }
    return new BaseTable(versions, location, _ -> {});
  }

  /// Files have no ids of columns: readers go by their names.
  private static String names(Schema schema) {
    return NameMappingParser.toJson(MappingUtil.create(schema));
  }

  /// The columns that the table does without: once so, it is so for all who change it, whatever
  /// they have heard of.
  private Set<String> leftOut(Map<String, String> properties, TableShape shape) {
    Set<String> left = new TreeSet<>(properties.getOrDefault(LEFT_OUT, "").lines().toList());
    List<TableShape> all = new ArrayList<>(shapes.get());
    all.add(shape);
    left.addAll(Columns.mixed(all));
    return left;
  }

  /// The files of a shard that the table has.
  ///
  /// @param said what was said of its part
  private Map<ObjectKey, DataFile> there(Table table, int partition, Optional<Progress> said)
      throws IOException {
    Map<ObjectKey, DataFile> there = new HashMap<>();
    Last mine = published.get(partition);
    if (mine != null && Optional.of(mine.said()).equals(said)) {
      mine.files().forEach(f -> there.put(f.key(), ArchivedDataFile.of(table, files, f)));
      return there;
    }
    try (CloseableIterable<FileScanTask> all = table.newScan().planWith(DIRECT).planFiles()) {
      for (FileScanTask one : all) {
        ObjectKey key = files.key(one.file().location());
        if (ArchivedPart.partitionOf(key) == partition) {
          there.put(key, one.file());
        }
      }
    }
    return there;
  }

  private void change(Transaction transaction, Columns.Change columns, Set<String> left) {
    if (columns.isNone()) {
      return;
    }
    UpdateSchema schema = transaction.updateSchema();
    columns.added().forEach((name, type) -> schema.addColumn(null, name, type));
    columns.removed().forEach(schema::deleteColumn);
    schema.commit();
    UpdateProperties properties = transaction.updateProperties();
    if (!columns.removed().isEmpty()) {
      Set<String> all = new TreeSet<>(left);
      all.addAll(columns.removed());
      properties.set(LEFT_OUT, String.join("\n", all));
      sayLeftOut(columns.removed());
    }
    properties.set(TableProperties.DEFAULT_NAME_MAPPING, names(transaction.table().schema()));
    properties.commit();
  }

  private void sayLeftOut(Set<String> columns) {
    if (!columns.isEmpty()) {
      log.warn(
          "the Iceberg table {} does without {}: files have it with different types",
          location,
          columns);
    }
  }

  private static void change(
      Transaction transaction, List<DataFile> added, List<DataFile> removed) {
    if (!removed.isEmpty()) {
      OverwriteFiles overwrite = transaction.newOverwrite().scanManifestsWith(DIRECT);
      removed.forEach(overwrite::deleteFile);
      added.forEach(overwrite::addFile);
      overwrite.commit();
    } else if (!added.isEmpty()) {
      AppendFiles append = transaction.newAppend().scanManifestsWith(DIRECT);
      added.forEach(append::appendFile);
      append.commit();
    }
  }

  /// See [io.tidemark.archive.ArchiveTables#sweep].
  int sweep(long beforeMs) throws IOException {
    TableMetadata now = versions.reload();
    if (now == null) {
      return 0;
    }
    versions.mendHint();
    Set<String> named = new HashSet<>();
    named.add(now.metadataFileLocation());
    now.previousFiles().forEach(f -> named.add(f.file()));
    for (Snapshot snapshot : now.snapshots()) {
      named.add(snapshot.manifestListLocation());
      for (ManifestFile manifest : snapshot.allManifests(files)) {
        named.add(manifest.path());
      }
    }
    List<ObjectKey> nobodys = new ArrayList<>();
    store.list(
        folder,
        "",
        found -> {
          boolean isNobodys =
              found.modifiedMs() < beforeMs
                  && !found.key().text().endsWith(MetadataVersions.HINT)
                  && !named.contains(files.location(found.key()));
          return !isNobodys || nobodys.add(found.key());
        });
    for (ObjectKey key : nobodys) {
      store.delete(key);
    }
    return nobodys.size();
  }
}
