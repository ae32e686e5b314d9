package io.tidemark.server.duckdb;

import io.tidemark.table.FileStamp;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/// What is known of files that have been looked at, each as long as it is the same; of too many,
/// those that nobody has asked for longest are forgotten.
final class KnownFiles<T> {
  private final Map<Path, Known<T>> known;

  /// @param stamp by which another file in its place is known
  private record Known<T>(FileStamp stamp, T value) {}

  /// @param most how many files
  KnownFiles(int most) {
    this.known =
        new LinkedHashMap<>(16, 0.75f, true) {
          private static final long serialVersionUID = 1L;

          @Override
          protected boolean removeEldestEntry(Map.Entry<Path, Known<T>> eldest) {
            return size() > most;
          }
        };
  }

  /// @param stamp what can be told of the file now
  synchronized Optional<T> get(Path file, FileStamp stamp) {
    return Optional.ofNullable(known.get(file))
        .filter(k -> k.stamp().equals(stamp))
        .map(Known::value);
  }

  synchronized void put(Path file, FileStamp stamp, T value) {
    known.put(file, new Known<>(stamp, value));
  }
}
