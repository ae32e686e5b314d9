package io.tidemark.shard;

import io.tidemark.sorted.SortedStore;
import io.tidemark.sorted.SortedStoreContract;
import io.tidemark.table.SegmentStore;
import io.tidemark.table.SegmentStoreContract;
import org.junit.jupiter.api.Nested;

class MemoryStorageTest extends ShardStorageContract {
  private final MemoryStorage disk = new MemoryStorage();

  @Override
  protected ShardStorage open() {
    return disk;
  }

  @Nested
  class Segments extends SegmentStoreContract {
    @Override
    protected SegmentStore store() {
      return new MemorySegments();
    }
  }

  @Nested
  class Sorted extends SortedStoreContract {
    @Override
    protected SortedStore store() {
      return new MemorySorted();
    }
  }
}
