package io.tidemark.sorted;

import io.tidemark.sorted.SortedStore.Entry;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.function.Predicate;

/// Those entries of a store that are wanted, ascending, read a page at a time.
public final class StoreEntries implements Iterator<Entry> {
  private static final int PAGE = 1000;

  private final SortedStore store;
  private final byte[] to;
  private final Predicate<Entry> wanted;
  private final ArrayDeque<Entry> page = new ArrayDeque<>();
  private byte[] from = {};

  /// @param to greater than all keys
  public StoreEntries(SortedStore store, byte[] to, Predicate<Entry> wanted) {
    this.store = store;
    this.to = to;
    this.wanted = wanted;
  }

  /// @throws UncheckedIOException where the store cannot be read
  @Override
  public boolean hasNext() {
    if (page.isEmpty()) {
      try {
        store.scan(from, to, this::visit);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
    return !page.isEmpty();
  }

  private boolean visit(byte[] key, byte[] value) {
    Entry entry = new Entry(key, value);
    if (wanted.test(entry)) {
      page.add(entry);
    }
    from = Arrays.copyOf(key, key.length + 1);
    return page.size() < PAGE;
  }

  @Override
  public Entry next() {
    if (!hasNext()) {
      throw new NoSuchElementException();
    }
    return page.remove();
  }
}
