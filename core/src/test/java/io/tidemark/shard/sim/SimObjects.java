package io.tidemark.shard.sim;

import io.tidemark.archive.ArchiveUnavailableException;
import io.tidemark.archive.MemoryObjectStore;
import io.tidemark.archive.ObjectKey;
import io.tidemark.archive.ObjectMissingException;
import io.tidemark.archive.ObjectStore;
import io.tidemark.archive.StoredObject;
import io.tidemark.shard.sim.disk.SimFailure;
import io.tidemark.table.FileSum;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;

/// An object store that all nodes have, and that never loses anything; the way to it does.
final class SimObjects {
  final MemoryObjectStore objects = new MemoryObjectStore();
  private final Set<ObjectKey> deleted = new HashSet<>();

  /// As a process of a node sees it.
  OfNode of(SimNode node) {
    return new OfNode(node);
  }

  private interface Call<T> {
    T call() throws IOException;
  }

  final class OfNode implements ObjectStore {
    private final SimNode node;

    OfNode(SimNode node) {
      this.node = node;
    }

    private <T> T over(String operation, Call<T> call) throws IOException {
      return switch (node.call(operation)) {
        case NONE -> call.call();
        case FAIL_BEFORE -> throw failure(operation);
        case CRASH_BEFORE -> throw node.crash(operation);
        case FAIL_AFTER -> {
          T _ = call.call();
          throw failure(operation);
        }
        case CRASH_AFTER -> {
          T _ = call.call();
          throw node.crash(operation);
        }
      };
    }

    private static ArchiveUnavailableException failure(String operation) {
      return new ArchiveUnavailableException(operation, new SimFailure(operation));
    }

    @Override
    public boolean put(ObjectKey key, Path file, FileSum sum) throws IOException {
      return over("archive put", () -> objects.put(key, file, sum));
    }

    @Override
    public void putBytes(ObjectKey key, byte[] content) {
      throw new UnsupportedOperationException();
    }

    @Override
    public byte[] getBytes(ObjectKey key) throws IOException {
      return over("archive get", () -> objects.getBytes(key));
    }

    /// Another node may come to read the same file meanwhile, and finds what this one has written.
    @Override
    public void get(ObjectKey key, Path file, FileSum sum) throws IOException {
      byte[] content =
          over(
              "archive get",
              () -> {
                try {
                  return objects.getBytes(key);
                } catch (ObjectMissingException e) {
                  if (deleted.contains(key)) {
                    Trace.covered("archived file missed");
                    throw new ObjectMissingException(key + " is gone", new SimFailure("gone"));
                  }
                  throw e;
                }
              });
      Path _ = Files.write(file, content);
    }

    @Override
    public Optional<StoredObject> stat(ObjectKey key) {
      throw new UnsupportedOperationException();
    }

    @Override
    public void list(String prefix, String after, Visitor visitor) throws IOException {
      String _ =
          over(
              "archive list",
              () -> {
                objects.list(prefix, after, visitor);
                return prefix;
              });
    }

    @Override
    public void delete(ObjectKey key) throws IOException {
      boolean _ =
          over(
              "archive delete",
              () -> {
                objects.delete(key);
                return deleted.add(key);
              });
    }

    @Override
    public int tidy(long beforeMs) {
      throw new UnsupportedOperationException();
    }

    @Override
    public void close() {}
  }
}
