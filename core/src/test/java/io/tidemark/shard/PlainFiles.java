package io.tidemark.shard;

import io.tidemark.sorted.SortedStore;
import io.tidemark.sorted.SortedStores;
import io.tidemark.table.ListRows;
import io.tidemark.table.Merge;
import io.tidemark.table.Rows;
import io.tidemark.table.Scan;
import io.tidemark.table.SegmentFormat;
import io.tidemark.table.TableShape;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/// The formats that a folder needs, in the plainest way, for testing the folder: segments as rows
/// with a checksum, and sorted stores that are written out when they are closed.
public final class PlainFiles implements SegmentFormat {
  @Override
  public String extension() {
    return ".rows";
  }

  @Override
  public void write(Path file, Rows rows) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    DataOutputStream out = new DataOutputStream(bytes);
    out.writeInt(rows.shape().size());
    for (TableShape.ColumnSpec column : rows.shape().columns()) {
      out.writeUTF(column.name());
      out.writeUTF(column.type().name());
    }
    out.writeInt(rows.count());
    for (@Nullable Object[] row : MemorySegments.asStored(rows).rows()) {
      for (@Nullable Object value : row) {
        switch (value) {
          case null -> out.writeByte(0);
          case Long word -> {
            out.writeByte(1);
            out.writeLong(word);
          }
          case Object text -> {
            out.writeByte(2);
            out.writeInt(((byte[]) text).length);
            out.write((byte[]) text);
          }
        }
      }
    }
    out.writeLong(checksum(bytes.toByteArray(), bytes.size()));
    Files.write(file, bytes.toByteArray());
  }

  @Override
  public void merge(Path file, List<Path> files, Merge merge, Rows more) throws IOException {
    write(file, MemorySegments.merged(parts(files), merge, more));
  }

  @Override
  public void scan(TableShape shape, List<Path> files, Scan scan, Scan.Visitor visitor)
      throws IOException {
    MemorySegments.scanRows(shape, parts(files), scan, visitor);
  }

  private static List<ListRows> parts(List<Path> files) throws IOException {
    List<ListRows> parts = new ArrayList<>();
    for (Path file : files) {
      parts.add(rows(file));
    }
    return parts;
  }

  private static ListRows rows(Path file) throws IOException {
    return rows(file.toString(), Files.readAllBytes(file));
  }

  /// The rows of a file with this content.
  public static ListRows rows(String file, byte[] bytes) throws IOException {
    ByteBuffer in = ByteBuffer.wrap(bytes);
    int end = bytes.length - Long.BYTES;
    if (end < 0 || in.getLong(end) != checksum(bytes, end)) {
      throw new IOException("torn: " + file);
    }
    List<TableShape.ColumnSpec> columns = new ArrayList<>();
    for (int left = in.getInt(); left > 0; left--) {
      columns.add(new TableShape.ColumnSpec(utf(in), TableShape.Type.valueOf(utf(in))));
    }
    List<@Nullable Object[]> rows = new ArrayList<>();
    for (int left = in.getInt(); left > 0; left--) {
      @Nullable Object[] row = new @Nullable Object[columns.size()];
      for (int c = 0; c < columns.size(); c++) {
        row[c] =
            switch (in.get()) {
              case 0 -> null;
              case 1 -> (Object) in.getLong();
              default -> {
                byte[] text = new byte[in.getInt()];
                in.get(text);
                yield text;
              }
            };
      }
      rows.add(row);
    }
    if (in.position() != end) {
      throw new IllegalStateException(file + " is of another shape");
    }
    return new ListRows(new TableShape(columns), rows);
  }

  private static String utf(ByteBuffer in) {
    byte[] text = new byte[Short.toUnsignedInt(in.getShort())];
    in.get(text);
    return new String(text, StandardCharsets.UTF_8);
  }

  /// Never 0, as a file of zeros is none.
  private static long checksum(byte[] bytes, int length) {
    CRC32C crc = new CRC32C();
    crc.update(bytes, 0, length);
    return crc.getValue() | 1L << 32;
  }

  private static byte[] serialized(Object value) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ObjectOutputStream out = new ObjectOutputStream(bytes)) {
      out.writeObject(value);
    }
    return bytes.toByteArray();
  }

  private static Object deserialized(Path file) throws IOException {
    try (ObjectInputStream in =
        new ObjectInputStream(new ByteArrayInputStream(Files.readAllBytes(file)))) {
      return in.readObject();
    } catch (ClassNotFoundException e) {
      throw new IOException(e);
    }
  }

  static SortedStores openSorted(Path folder) {
    return new PlainSorted(folder);
  }

  /// One file per store.
  private static final class PlainSorted implements SortedStores {
    private final Path folder;
    private final Map<String, MemorySorted> open = new HashMap<>();

    PlainSorted(Path folder) {
      this.folder = folder;
    }

    @Override
    @SuppressWarnings("unchecked")
    public SortedStore open(String name) throws IOException {
      MemorySorted store = open.get(name);
      if (store == null) {
        store = new MemorySorted();
        try {
          store.ingest(
              ((List<byte[][]>) deserialized(folder.resolve(name)))
                  .stream().map(e -> new SortedStore.Entry(e[0], e[1])).iterator());
        } catch (NoSuchFileException _) {
          // New.
        }
        open.put(name, store);
      }
      return store;
    }

    @Override
    public void retain(List<String> names) throws IOException {
      open.keySet().retainAll(names);
      try (var files = Files.list(folder)) {
        for (Path file : files.toList()) {
          if (!names.contains(file.getFileName().toString())) {
            Files.delete(file);
          }
        }
      }
    }

    @Override
    public List<String> files() {
      return List.of();
    }

    @Override
    public long verify(String file) {
      return 0;
    }

    @Override
    public void close() throws IOException {
      for (Map.Entry<String, MemorySorted> store : open.entrySet()) {
        List<byte[][]> entries = new ArrayList<>();
        store.getValue().all().forEach((k, v) -> entries.add(new byte[][] {k, v}));
        Files.write(folder.resolve(store.getKey()), serialized(entries));
      }
    }
  }
}
