package io.tidemark.shard;

import io.tidemark.sorted.SortedStore;
import io.tidemark.sorted.SortedStores;
import io.tidemark.table.ListRows;
import io.tidemark.table.Rows;
import io.tidemark.table.Scan;
import io.tidemark.table.SegmentFormat;
import io.tidemark.table.TableShape;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The formats that a folder needs, in the plainest way, for testing the folder: segments as
/// serialized rows, and sorted stores that are written out when they are closed.
final class PlainFiles implements SegmentFormat {
  @Override
  public String extension() {
    return ".rows";
  }

  @Override
  public void write(Path file, Rows rows) throws IOException {
    Files.write(file, serialized(new ArrayList<>(MemorySegments.asStored(rows).rows())));
  }

  @Override
  @SuppressWarnings("unchecked")
  public void scan(TableShape shape, List<Path> files, Scan scan, Scan.Visitor visitor)
      throws IOException {
    List<ListRows> parts = new ArrayList<>();
    for (Path file : files) {
      parts.add(new ListRows(shape, (List<@Nullable Object[]>) deserialized(file)));
    }
    MemorySegments.scan(parts, scan, visitor);
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
    public void close() throws IOException {
      for (Map.Entry<String, MemorySorted> store : open.entrySet()) {
        List<byte[][]> entries = new ArrayList<>();
        store.getValue().all().forEach((k, v) -> entries.add(new byte[][] {k, v}));
        Files.write(folder.resolve(store.getKey()), serialized(entries));
      }
    }
  }
}
