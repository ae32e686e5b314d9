package io.tidemark.server.duckdb;

import io.tidemark.table.FileStamp;
import io.tidemark.table.TableShape;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/// Whether files have a shape or an earlier one. To tell DuckDB what to do with an earlier one
/// costs some milliseconds for each scan (4 for 16 columns, 90 for 300), so that is done where
/// there is one only. Each file is looked at once, as long as it is the same.
public final class FileShapes {
  /// Some 300 bytes each.
  private static final int MAX_KNOWN = 50_000;

  /// The columns of files, with their types.
  private final KnownFiles<Set<String>> known = new KnownFiles<>(MAX_KNOWN);

  /// One object for each shape that any file has.
  private final Map<Set<String>, Set<String>> shapes = new HashMap<>();

  /// The files as a table, see [Sql#readParquet(TableShape, List)].
  public String table(Task task, TableShape shape, List<Path> files) throws SQLException {
    Set<String> wanted = Sql.columnsWithTypes(shape);
    return columns(task, files).stream().allMatch(wanted::equals)
        ? Sql.readParquet(files)
        : Sql.readParquet(shape, files);
  }

  private List<Set<String>> columns(Task task, List<Path> files) throws SQLException {
    List<Set<String>> columns = new ArrayList<>();
    Map<Path, FileStamp> unknown = new LinkedHashMap<>();
    for (Path file : files) {
      FileStamp stamp = stamp(file);
      Optional<Set<String>> before = known.get(file, stamp);
      if (before.isPresent()) {
        columns.add(before.get());
      } else {
        unknown.put(file, stamp);
      }
    }
    if (!unknown.isEmpty()) {
      Map<String, Set<String>> read = read(task, List.copyOf(unknown.keySet()));
      for (Map.Entry<Path, FileStamp> file : unknown.entrySet()) {
        Set<String> found = read.getOrDefault(file.getKey().toString(), Set.of());
        columns.add(put(file.getKey(), file.getValue(), found));
      }
    }
    return columns;
  }

  /// What costs little to ask; that the content is right is for others to see to.
  private static FileStamp stamp(Path file) throws SQLException {
    try {
      return FileStamp.of(file).orElseThrow(() -> new NoSuchFileException(file.toString()));
    } catch (IOException e) {
      throw new SQLException("cannot look at " + file + ": " + e, e);
    }
  }

  private static Map<String, Set<String>> read(Task task, List<Path> files) throws SQLException {
    String list =
        files.stream()
            .map(f -> Sql.literal(f.toString()))
            .collect(Collectors.joining(", ", "[", "]"));
    Map<String, Set<String>> columns = new HashMap<>();
    try (var statement =
            task.prepare(
                "SELECT file_name, name, duckdb_type FROM parquet_schema("
                    + list
                    + ") WHERE duckdb_type IS NOT NULL");
        var rows = statement.executeQuery()) {
      while (rows.next()) {
        columns
            .computeIfAbsent(rows.getString(1), _ -> new TreeSet<>())
            .add(Sql.columnWithType(rows.getString(2), rows.getString(3)));
      }
    }
    return columns;
  }

  private synchronized Set<String> put(Path file, FileStamp stamp, Set<String> columns) {
    Set<String> one = shapes.computeIfAbsent(columns, c -> c);
    known.put(file, stamp, one);
    return one;
  }
}
