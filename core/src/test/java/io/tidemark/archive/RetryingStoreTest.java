package io.tidemark.archive;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tidemark.table.FileSum;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class RetryingStoreTest extends ObjectStoreContract {
  private static final int EVERY = 3;

  private final MemoryObjectStore memory = new MemoryObjectStore();
  private final Flaky flaky = new Flaky();

  @Override
  protected ObjectStore open() {
    return new RetryingStore(
        flaky, new Retry(Retry.Limits.DEFAULT, new VirtualPauses(), new SplittableRandom(1)));
  }

  /// Fails each thread twice of three times, before or after having done what it was asked to;
  /// listings in their middle.
  private final class Flaky implements ObjectStore {
    private final ThreadLocal<Integer> calls = ThreadLocal.withInitial(() -> 0);

    private boolean isGood() {
      calls.set(calls.get() + 1);
      return calls.get() % EVERY == 0;
    }

    private void mayFail() throws IOException {
      if (!isGood()) {
        throw new ArchiveUnavailableException("flaky", null);
      }
    }

    @Override
    public boolean put(ObjectKey key, Path file, FileSum sum) throws IOException {
      mayFail();
      return memory.put(key, file, sum);
    }

    @Override
    public void putBytes(ObjectKey key, byte[] content) throws IOException {
      memory.putBytes(key, content);
      mayFail();
    }

    @Override
    public byte[] getBytes(ObjectKey key) throws IOException {
      mayFail();
      return memory.getBytes(key);
    }

    @Override
    public void get(ObjectKey key, Path file, FileSum sum) throws IOException {
      mayFail();
      memory.get(key, file, sum);
    }

    @Override
    public Optional<StoredObject> stat(ObjectKey key) throws IOException {
      mayFail();
      return memory.stat(key);
    }

    @Override
    public void list(String prefix, String after, Visitor visitor) throws IOException {
      int[] left = {isGood() ? Integer.MAX_VALUE : 5};
      memory.list(
          prefix,
          after,
          o -> {
            if (left[0]-- == 0) {
              throw new ArchiveUnavailableException("flaky page", null);
            }
            return visitor.visit(o);
          });
    }

    @Override
    public void delete(ObjectKey key) throws IOException {
      memory.delete(key);
      mayFail();
    }

    @Override
    public int tidy(long beforeMs) throws IOException {
      mayFail();
      return memory.tidy(beforeMs);
    }

    @Override
    public void close() {}
  }

  @Test
  void whatAVisitorFailsWithIsNotTriedAgain() throws IOException {
    List<ObjectKey> visited = new ArrayList<>();
    try (ObjectStore store = open()) {
      store.putBytes(key("a"), new byte[1]);
      ArchiveUnavailableException mine = new ArchiveUnavailableException("mine", null);
      assertThatThrownBy(
              () ->
                  store.list(
                      "",
                      "",
                      o -> {
                        visited.add(o.key());
                        throw mine;
                      }))
          .isSameAs(mine);
    }
    assertThat(visited).containsExactly(key("a"));
  }
}
