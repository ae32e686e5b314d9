package io.tidemark.server.iceberg;

import io.tidemark.archive.ArchiveTables;
import io.tidemark.archive.ArchivedPart;
import io.tidemark.archive.ObjectStore;
import io.tidemark.table.TableShape;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;

/// Tables in the format of [Apache Iceberg](https://iceberg.apache.org/spec/), version 2, over the
/// files of an archive. The one of a stream is in `_iceberg/STREAM`, and read by that path.
public final class IcebergTables implements ArchiveTables {
  private final ObjectStore store;
  private final String root;
  private final Path scratch;
  private final Function<String, List<TableShape>> shapes;
  private final InstantSource clock;
  private final Map<String, IcebergTable> tables = new ConcurrentHashMap<>();

  /// @param root where the archive is, for any engine: `s3://bucket/prefix`, or a folder's path
  /// @param scratch a local folder
  /// @param shapes that files of a stream may have, by the name that its data has
  public IcebergTables(
      ObjectStore store,
      String root,
      Path scratch,
      Function<String, List<TableShape>> shapes,
      InstantSource clock) {
    this.store = store;
    this.root = root;
    this.scratch = scratch;
    this.shapes = shapes;
    this.clock = clock;
  }

  @Override
  public Published publish(ArchivedPart part) throws IOException {
    String stream = part.shard().stream();
    return with(stream, table -> table.publish(part));
  }

  @Override
  public int sweep(String stream, long beforeMs) throws IOException {
    return with(stream, table -> table.sweep(beforeMs));
  }

  private interface Work<T> {
    T on(IcebergTable table) throws IOException;
  }

  private <T> T with(String stream, Work<T> work) throws IOException {
    IcebergTable table = tables.computeIfAbsent(stream, this::table);
    synchronized (table) {
      try {
        return work.on(table);
      } catch (UncheckedIOException e) {
        throw e.getCause();
      }
    }
  }

  private IcebergTable table(String stream) {
    String folder = "_iceberg/%s/".formatted(stream);
    return new IcebergTable(
        store,
        new StoredFiles(store, root, folder),
        folder,
        scratch.resolve("iceberg-" + stream),
        () -> shapes.apply(stream),
        clock);
  }
}
