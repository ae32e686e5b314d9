package io.tidemark.archive;

class MemoryObjectStoreTest extends ObjectStoreContract {
  private final MemoryObjectStore objects = new MemoryObjectStore();

  @Override
  protected ObjectStore open() {
    return objects;
  }
}
