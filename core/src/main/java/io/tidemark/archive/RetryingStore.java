package io.tidemark.archive;

import io.tidemark.table.FileSum;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;

/// A store that asks another one again while that is worth it.
public final class RetryingStore implements ObjectStore {
  private final ObjectStore store;
  private final Retry retry;

  public RetryingStore(ObjectStore store, Retry retry) {
    this.store = store;
    this.retry = retry;
  }

  @Override
  public boolean put(ObjectKey key, Path file, FileSum sum) throws IOException {
    return retry.call(() -> store.put(key, file, sum));
  }

  @Override
  public void putBytes(ObjectKey key, byte[] content) throws IOException {
    retry.call(
        () -> {
          store.putBytes(key, content);
          return key;
        });
  }

  @Override
  public byte[] getBytes(ObjectKey key) throws IOException {
    return retry.call(() -> store.getBytes(key));
  }

  @Override
  public void get(ObjectKey key, Path file, FileSum sum) throws IOException {
    retry.call(
        () -> {
          store.get(key, file, sum);
          return key;
        });
  }

  @Override
  public Optional<StoredObject> stat(ObjectKey key) throws IOException {
    return retry.call(() -> store.stat(key));
  }

  /// Goes on behind the last object that was visited. A listing that gets on has all its tries
  /// again. What the visitor throws is not tried again.
  @Override
  public void list(String prefix, String after, Visitor visitor) throws IOException {
    Listing listing = new Listing(after, visitor);
    try {
      boolean ended = false;
      while (!ended) {
        long before = listing.visited;
        ended = retry.call(() -> listing.goOn(before, prefix));
      }
    } catch (VisitorFailure e) {
      throw e.failure;
    }
  }

  /// How far a listing has come.
  private final class Listing {
    private final Visitor visitor;
    private String after;
    private long visited;

    Listing(String after, Visitor visitor) {
      this.after = after;
      this.visitor = visitor;
    }

    /// @param before how many had been visited when the tries began
    /// @return whether it is at its end
    boolean goOn(long before, String prefix) throws IOException {
      try {
        store.list(prefix, after, this::visit);
        return true;
      } catch (ArchiveUnavailableException e) {
        if (visited > before) {
          return false;
        }
        throw e;
      }
    }

    private boolean visit(StoredObject object) {
      visited++;
      after = object.key().text();
      try {
        return visitor.visit(object);
      } catch (IOException e) {
        throw new VisitorFailure(e);
      }
    }
  }

  /// Carries what a visitor has thrown past those that look at what the store throws.
  private static final class VisitorFailure extends RuntimeException {
    private static final long serialVersionUID = 1L;
    private final IOException failure;

    VisitorFailure(IOException failure) {
      super(failure);
      this.failure = failure;
    }
  }

  @Override
  public void delete(ObjectKey key) throws IOException {
    retry.call(
        () -> {
          store.delete(key);
          return key;
        });
  }

  @Override
  public int tidy(long beforeMs) throws IOException {
    return retry.call(() -> store.tidy(beforeMs));
  }

  @Override
  public void close() throws IOException {
    store.close();
  }
}
