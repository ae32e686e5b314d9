package io.tidemark.archive;

import io.tidemark.table.FileSum;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.zip.CRC32C;

/// Objects in memory; what was put is still there after closing.
public final class MemoryObjectStore implements ObjectStore {
  private final NavigableMap<String, byte[]> objects = new ConcurrentSkipListMap<>();

  @Override
  public boolean put(ObjectKey key, Path file, FileSum sum) throws IOException {
    byte[] content = Files.readAllBytes(file);
    if (!sum(content).equals(sum)) {
      throw new LocalFileException(file, "is not what its sum says");
    }
    byte[] there = objects.putIfAbsent(key.text(), content);
    if (there != null && !Arrays.equals(there, content)) {
      throw new ObjectDiffersException(key + " is there already with another content", null);
    }
    return there == null;
  }

  @Override
  public void putBytes(ObjectKey key, byte[] content) {
    if (content.length > MAX_BYTES) {
      throw new IllegalArgumentException(key + " would have " + content.length + " bytes");
    }
    objects.put(key.text(), content.clone());
  }

  @Override
  public byte[] getBytes(ObjectKey key) throws IOException {
    byte[] content = content(key);
    if (content.length > MAX_BYTES) {
      throw new ObjectDiffersException(key + " is longer than " + MAX_BYTES + " bytes", null);
    }
    return content.clone();
  }

  private byte[] content(ObjectKey key) throws ObjectMissingException {
    byte[] content = objects.get(key.text());
    if (content == null) {
      throw new ObjectMissingException("there is no " + key, null);
    }
    return content;
  }

  @Override
  public void get(ObjectKey key, Path file, FileSum sum) throws IOException {
    byte[] content = content(key);
    if (!sum(content).equals(sum)) {
      throw new ObjectDiffersException(key + " is not what its sum says", null);
    }
    Files.write(file, content);
  }

  @Override
  public Optional<StoredObject> stat(ObjectKey key) {
    return Optional.ofNullable(objects.get(key.text()))
        .map(content -> object(key, content, OptionalLong.of(sum(content).crc32c())));
  }

  private static StoredObject object(ObjectKey key, byte[] content, OptionalLong crc32c) {
    return new StoredObject(key, content.length, 0, crc32c);
  }

  @Override
  public void list(String prefix, String after, Visitor visitor) throws IOException {
    if (!ObjectKey.isPrefix(prefix)) {
      throw new IllegalArgumentException("no key begins with '" + prefix + "'");
    }
    for (var object : objects.tailMap(after, false).entrySet()) {
      if (object.getKey().startsWith(prefix)
          && !visitor.visit(
              object(new ObjectKey(object.getKey()), object.getValue(), OptionalLong.empty()))) {
        return;
      }
    }
  }

  @Override
  public void delete(ObjectKey key) {
    objects.remove(key.text());
  }

  @Override
  public int tidy(long beforeMs) {
    return 0;
  }

  @Override
  public void close() {}

  private static FileSum sum(byte[] content) {
    CRC32C crc = new CRC32C();
    crc.update(content);
    return new FileSum(content.length, crc.getValue());
  }
}
