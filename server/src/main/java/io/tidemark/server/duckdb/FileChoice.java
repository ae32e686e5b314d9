package io.tidemark.server.duckdb;

import io.tidemark.table.Condition;
import io.tidemark.table.FileStamp;
import io.tidemark.table.TableShape;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.apache.parquet.format.BloomFilterHeader;
import org.apache.parquet.format.ColumnMetaData;
import org.apache.parquet.format.FileMetaData;
import org.apache.parquet.format.RowGroup;
import org.apache.parquet.format.Util;
import org.jspecify.annotations.Nullable;

/// Which of some files may have a text, by the Bloom filters that are in them.
///
/// DuckDB would find out as well, but opens each file for that, and reads each filter whole, a
/// hundred kilobytes and more for each row group. Here it is one block of 32 bytes of each: where
/// the filters are is remembered as long as a file is the same.
final class FileChoice {
  /// Some hundred bytes for each row group and column.
  private static final int MAX_KNOWN = 5_000;

  /// A smaller filter is one of few texts, which all files have.
  private static final int LEAST_BYTES = 4096;

  private static final int MAX_HEADER_BYTES = 64;

  /// Where the filters of a file's columns are, by name: of those of which each row group has one
  /// worth asking.
  private final KnownFiles<Map<String, Filters>> known = new KnownFiles<>(MAX_KNOWN);

  /// The filters of a column.
  ///
  /// @param starts where the bits of each begin
  /// @param lengths how many bytes they are
  private record Filters(long[] starts, int[] lengths) {}

  /// A text that is looked for.
  private record Wanted(String column, long[] hashes) {}

  /// The places of the files that may have rows which satisfy all conditions.
  ///
  /// @param shape of the files, or a later one
  /// @param goesOn is called before each file, and throws where nobody waits any more
  List<Integer> mayHave(
      TableShape shape, List<Path> files, List<Condition> conditions, Runnable goesOn) {
    List<Wanted> wanted = new ArrayList<>();
    for (Condition condition : conditions) {
      if (condition instanceof Condition.TextIn(int column, List<byte[]> texts)) {
        wanted.add(
            new Wanted(
                Sql.columnNames(shape).get(column),
                texts.stream().mapToLong(BloomFilter::hash).toArray()));
      }
    }
    if (wanted.isEmpty()) {
      return IntStream.range(0, files.size()).boxed().toList();
    }
    List<Integer> chosen = new ArrayList<>();
    for (int i = 0; i < files.size(); i++) {
      goesOn.run();
      if (mayHave(files.get(i), wanted)) {
        chosen.add(i);
      }
    }
    return chosen;
  }

  /// What cannot be read here is for others to find.
  private boolean mayHave(Path file, List<Wanted> wanted) {
    try {
      Optional<FileStamp> stamp = FileStamp.of(file);
      if (stamp.isEmpty()) {
        return true;
      }
      Map<String, Filters> columns = columns(file, stamp.get());
      if (wanted.stream().noneMatch(w -> columns.containsKey(w.column()))) {
        return true;
      }
      try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
        for (Wanted one : wanted) {
          Filters filters = columns.get(one.column());
          if (filters != null && !mayHave(channel, filters, one.hashes())) {
            return false;
          }
        }
        return true;
      }
    } catch (IOException | RuntimeException _) {
      return true;
    }
  }

  private Map<String, Filters> columns(Path file, FileStamp stamp) throws IOException {
    Optional<Map<String, Filters>> before = known.get(file, stamp);
    if (before.isPresent()) {
      return before.get();
    }
    Map<String, Filters> columns = read(file);
    known.put(file, stamp, columns);
    return columns;
  }

  private static boolean mayHave(FileChannel file, Filters filters, long[] hashes)
      throws IOException {
    ByteBuffer block = ByteBuffer.allocate(BloomFilter.BLOCK_BYTES).order(ByteOrder.LITTLE_ENDIAN);
    for (int group = 0; group < filters.starts().length; group++) {
      for (long hash : hashes) {
        int at = BloomFilter.blockOf(hash, filters.lengths()[group]) * BloomFilter.BLOCK_BYTES;
        read(file, filters.starts()[group] + at, block);
        if (BloomFilter.mayHave(hash, block)) {
          return true;
        }
      }
    }
    return false;
  }

  private static Map<String, Filters> read(Path path) throws IOException {
    Map<String, Filters> columns = new HashMap<>();
    try (FileChannel file = FileChannel.open(path, StandardOpenOption.READ)) {
      FileMetaData footer = FileFilters.readFooter(file);
      List<RowGroup> groups = footer.getRow_groups();
      int count = groups.isEmpty() ? 0 : groups.getFirst().getColumnsSize();
      for (int column = 0; column < count; column++) {
        int at = column;
        List<ColumnMetaData> chunks =
            groups.stream().map(g -> g.getColumns().get(at).getMeta_data()).toList();
        Filters filters = filters(file, chunks);
        if (filters != null) {
          columns.put(String.join(".", chunks.getFirst().getPath_in_schema()), filters);
        }
      }
    }
    return columns;
  }

  /// Nothing where a row group has none, or one that is not worth asking.
  private static @Nullable Filters filters(FileChannel file, List<ColumnMetaData> chunks)
      throws IOException {
    long[] starts = new long[chunks.size()];
    int[] lengths = new int[chunks.size()];
    for (int group = 0; group < starts.length; group++) {
      if (!chunks.get(group).isSetBloom_filter_offset()) {
        return null;
      }
      long offset = chunks.get(group).getBloom_filter_offset();
      long left = Math.min(MAX_HEADER_BYTES, file.size() - offset);
      ByteBuffer head = ByteBuffer.allocate((int) left);
      read(file, offset, head);
      ByteArrayInputStream in = new ByteArrayInputStream(head.array());
      BloomFilterHeader header = Util.readBloomFilterHeader(in);
      boolean isUnderstood =
          header.getAlgorithm().isSetBLOCK()
              && header.getHash().isSetXXHASH()
              && header.getCompression().isSetUNCOMPRESSED();
      // The last row group may have few rows.
      if (!isUnderstood || (group == 0 && header.getNumBytes() < LEAST_BYTES)) {
        return null;
      }
      starts[group] = offset + left - in.available();
      lengths[group] = header.getNumBytes();
    }
    return new Filters(starts, lengths);
  }

  private static void read(FileChannel file, long from, ByteBuffer into) throws IOException {
    into.clear();
    while (into.hasRemaining()) {
      if (file.read(into, from + into.position()) < 0) {
        throw new IOException("a filter goes beyond its file");
      }
    }
    into.flip();
  }
}
