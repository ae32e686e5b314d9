package io.tidemark.server.imports;

import io.tidemark.event.FieldType;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/// What files of events look like.
public enum FileFormat {
  /// One JSON object a line.
  NDJSON("line", ".*\\.(ndjson|jsonl|json)(\\.gz)?"),
  /// RFC 4180: comma-separated values below a line with the paths of fields.
  CSV("line", ".*\\.csv(\\.gz)?"),
  /// Apache Parquet.
  PARQUET("row", ".*\\.parquet");

  private final String unit;
  private final Pattern name;

  FileFormat(String unit, String name) {
    this.unit = unit;
    this.name = Pattern.compile(name, Pattern.CASE_INSENSITIVE);
  }

  /// What is counted: `line` or `row`.
  public String unit() {
    return unit;
  }

  /// The format that a file's name tells, where it tells one. Texts may end in `.gz` besides.
  public static Optional<FileFormat> of(Path file) {
    String name = String.valueOf(file.getFileName());
    return Stream.of(values()).filter(f -> f.name.matcher(name).matches()).findFirst();
  }

  /// Opens a file.
  ///
  /// @param types the types of the stream's fields, by their paths: how values without a type of
  ///   their own become JSON
  public EventFile open(Path file, Map<String, FieldType> types) throws IOException {
    return switch (this) {
      case NDJSON -> new LineFile(TextBytes.open(file));
      case CSV -> CsvFile.open(file, types);
      case PARQUET -> ParquetFile.open(file, types);
    };
  }
}
