package io.tidemark.server.duckdb;

import io.tidemark.table.TableShape;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.apache.parquet.format.ColumnMetaData;
import org.apache.parquet.format.FileMetaData;
import org.apache.parquet.format.RowGroup;
import org.apache.parquet.format.Util;
import org.jspecify.annotations.Nullable;

/// Adds Bloom filters to a Parquet file that DuckDB has written.
///
/// DuckDB makes one of a column's dictionary; where most values come once, as ids do, it makes
/// neither. The filters go where the footer was, and a footer that knows them after them.
final class FileFilters {
  /// What is longer on average is no id, and nobody looks for all of it.
  private static final int MAX_MEAN_BYTES = 64;

  private static final byte[] MAGIC = "PAR1".getBytes(StandardCharsets.US_ASCII);

  private final FileChannel file;
  private final FileMetaData footer;

  /// Where the next filter goes, or the footer.
  private long position;

  /// Of the texts of a row group, in any order.
  private long[] hashes = {};

  /// Takes one text after the other.
  @FunctionalInterface
  interface Visitor {
    void visit(byte @Nullable [] text);
  }

  /// What the file has.
  @FunctionalInterface
  interface Texts {
    /// Visits all texts of a column in the order of the file's rows, null for null.
    void visit(int column, Visitor visitor) throws SQLException, IOException;
  }

  private FileFilters(FileChannel file) throws IOException {
    this.file = file;
    this.position = file.size() - 8 - footerLength(file);
    this.footer = readFooter(file);
  }

  private static int footerLength(FileChannel file) throws IOException {
    byte[] end = read(file, file.size() - 8, 8);
    int length = ByteBuffer.wrap(end).order(ByteOrder.LITTLE_ENDIAN).getInt();
    if (!Arrays.equals(end, 4, 8, MAGIC, 0, 4) || length < 0 || length > file.size() - 12) {
      throw new IOException("this is no Parquet file");
    }
    return length;
  }

  /// What a Parquet file says of itself.
  static FileMetaData readFooter(FileChannel file) throws IOException {
    int length = footerLength(file);
    return Util.readFileMetaData(
        new ByteArrayInputStream(read(file, file.size() - 8 - length, length)));
  }

  /// @param shape of the file, as [Sql#columnNames] has it
  static void add(Path path, TableShape shape, Texts texts) throws SQLException, IOException {
    try (FileChannel file =
        FileChannel.open(path, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
      FileFilters filters = new FileFilters(file);
      List<Column> filled = new ArrayList<>();
      for (int column = 0; column < shape.size(); column++) {
        if (shape.columns().get(column).type() == TableShape.Type.TEXT && filters.wants(column)) {
          Column filling = filters.new Column(column);
          texts.visit(column, filling::add);
          filling.end();
          filled.add(filling);
        }
      }
      // Until then the file can be read, also by who visits its texts.
      if (!filled.isEmpty()) {
        for (Column column : filled) {
          column.write();
        }
        filters.writeFooter();
      }
    }
  }

  /// Whether some row group has texts of a column that may be ids, and no filter.
  private boolean wants(int column) {
    return footer.getRow_groups().stream()
        .anyMatch(g -> wants(g.getColumns().get(column).getMeta_data()));
  }

  private static boolean wants(ColumnMetaData chunk) {
    long texts = chunk.getNum_values() - chunk.getStatistics().getNull_count();
    return !chunk.isSetBloom_filter_offset()
        && texts > 0
        && chunk.getTotal_uncompressed_size() <= texts * MAX_MEAN_BYTES;
  }

  /// A column being filled in, one row group after the other.
  private final class Column {
    private final int column;
    private final @Nullable BloomFilter[] filters;
    private int group = -1;
    private long left;

    /// Whether the row group gets a filter.
    private boolean isWanted;

    private int count;

    Column(int column) {
      this.column = column;
      this.filters = new BloomFilter[groups().size()];
    }

    private List<RowGroup> groups() {
      return footer.getRow_groups();
    }

    private ColumnMetaData chunk(int ofGroup) {
      return groups().get(ofGroup).getColumns().get(column).getMeta_data();
    }

    void add(byte @Nullable [] text) {
      while (left == 0) {
        next();
      }
      if (isWanted && text != null) {
        hashes[count++] = BloomFilter.hash(text);
      }
      left--;
    }

    private void next() {
      endGroup();
      group++;
      left = groups().get(group).getNum_rows();
      isWanted = wants(chunk(group));
      hashes = isWanted && hashes.length < left ? new long[(int) left] : hashes;
    }

    private void endGroup() {
      if (count > 0) {
        filters[group] = new BloomFilter(hashes, count);
      }
      count = 0;
    }

    /// There are no more texts.
    void end() throws IOException {
      endGroup();
      if (left > 0 || group < groups().size() - 1) {
        throw new IOException("column %d has fewer rows than its file".formatted(column));
      }
    }

    void write() throws IOException {
      for (int g = 0; g < filters.length; g++) {
        BloomFilter filter = filters[g];
        if (filter != null) {
          ByteArrayOutputStream bytes = new ByteArrayOutputStream();
          filter.writeTo(bytes);
          chunk(g).setBloom_filter_offset(position);
          chunk(g).setBloom_filter_length(bytes.size());
          append(bytes.toByteArray());
        }
      }
    }
  }

  private void writeFooter() throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    Util.writeFileMetaData(footer, bytes);
    int length = bytes.size();
    for (int i = 0; i < 4; i++) {
      bytes.write(length >>> (8 * i));
    }
    bytes.write(MAGIC);
    append(bytes.toByteArray());
    file.truncate(position);
  }

  private void append(byte[] bytes) throws IOException {
    ByteBuffer buffer = ByteBuffer.wrap(bytes);
    while (buffer.hasRemaining()) {
      position += file.write(buffer, position);
    }
  }

  private static byte[] read(FileChannel file, long from, int length) throws IOException {
    byte[] bytes = new byte[length];
    ByteBuffer buffer = ByteBuffer.wrap(bytes);
    while (buffer.hasRemaining()) {
      if (file.read(buffer, from + buffer.position()) < 0) {
        throw new IOException("this is no Parquet file");
      }
    }
    return bytes;
  }
}
