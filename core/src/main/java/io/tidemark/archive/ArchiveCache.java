package io.tidemark.archive;

import io.tidemark.files.DurableFiles;
import io.tidemark.table.FileStamp;
import io.tidemark.table.FileSum;
import io.tidemark.table.Segments;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.FutureTask;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// Whole files of an archive in a local folder, where they lie as they do in the archive. While
/// somebody reads a file it stays; of the others those go first that have not been read for the
/// longest time. For many threads.
///
/// A file is compared with its sum when it is fetched, or found from an earlier life; and again
/// when its stamp has changed.
public final class ArchiveCache {
  private final ObjectStore store;
  private final Path folder;
  private final long maxBytes;
  private final Executor fetchers;

  /// Those least recently read first. Guards itself and all that is counted here.
  private final Map<ObjectKey, Cached> files = new LinkedHashMap<>(16, 0.75f, true);

  /// What must not stay once nobody reads it.
  private final Set<ObjectKey> forgotten = new HashSet<>();

  /// Of the files that are there or are about to be.
  private long bytes;

  /// Of those that somebody reads.
  private long readBytes;

  private final LongAdder hits = new LongAdder();
  private final LongAdder fetched = new LongAdder();

  private static final class Cached {
    private final ObjectKey key;
    private final Path path;
    private long bytes;
    private int readers;

    /// What it was when it was last compared; nothing before that.
    private volatile @Nullable Verified verified;

    Cached(ObjectKey key, Path path, long bytes) {
      this.key = key;
      this.path = path;
      this.bytes = bytes;
    }
  }

  private record Verified(FileSum sum, FileStamp stamp) {}

  private ArchiveCache(ObjectStore store, Path folder, long maxBytes, Executor fetchers) {
    this.store = store;
    this.folder = folder;
    this.maxBytes = maxBytes;
    this.fetchers = fetchers;
  }

  /// Opens a cache; one user of a folder at a time.
  ///
  /// @param maxBytes how many bytes the files may have
  /// @param fetchers what fetches files, several at a time where it can
  public static ArchiveCache open(ObjectStore store, Path folder, long maxBytes, Executor fetchers)
      throws IOException {
    DurableFiles.makeFolder(folder);
    ArchiveCache cache = new ArchiveCache(store, folder, maxBytes, fetchers);
    cache.find();
    return cache;
  }

  /// Finds what an earlier life has left.
  private void find() throws IOException {
    synchronized (files) {
      try (Stream<Path> found = Files.walk(folder)) {
        for (Path path : (Iterable<Path>) found.filter(Files::isRegularFile)::iterator) {
          String name = folder.relativize(path).toString();
          if (ObjectKey.isKey(name) && !name.endsWith(DurableFiles.TEMPORARY)) {
            add(new ObjectKey(name), Files.size(path));
          } else {
            Files.delete(path);
          }
        }
      } catch (UncheckedIOException e) {
        throw new IOException(folder + ": " + e.getMessage(), e);
      }
      evict();
    }
  }

  /// A file for what is about to be put, of one caller at a time.
  Path scratch(String name) {
    return folder.resolve(name + DurableFiles.TEMPORARY);
  }

  /// Removes a file that has what is to be gone: at once, or when the last one who reads it ends;
  /// and whoever comes to read it still leaves nothing behind.
  void forget(ObjectKey key) {
    synchronized (files) {
      forgotten.add(key);
      remove(key);
    }
  }

  /// Removes what an earlier life has left, and nobody reads.
  void removeAll(Predicate<ObjectKey> which) {
    synchronized (files) {
      files.keySet().stream().filter(which).toList().forEach(this::remove);
    }
  }

  private void remove(ObjectKey key) {
    Cached file = files.get(key);
    if (file != null && file.readers == 0) {
      files.remove(key);
      drop(file);
    }
  }

  /// How many bytes the files may have.
  long maxBytes() {
    return maxBytes;
  }

  /// How many bytes the files here have.
  public long bytes() {
    synchronized (files) {
      return bytes;
    }
  }

  /// How many files were here when they were wanted.
  public long hits() {
    return hits.sum();
  }

  /// How many files had to be fetched.
  public long fetched() {
    return fetched.sum();
  }

  /// Fetches files as far as they are not here, and lets somebody read them.
  ///
  /// @return what the reader returns
  /// @throws CacheTooSmallException where they do not fit at once
  /// @throws ArchiveException where one cannot be fetched
  public <T> T reading(List<ArchivedFile> wanted, Segments.FileReader<T> reader)
      throws IOException {
    List<Cached> held = hold(wanted);
    try {
      fetch(wanted, held);
      return read(held, reader);
    } finally {
      release(held);
    }
  }

  private static <T> T read(List<Cached> held, Segments.FileReader<T> reader) throws IOException {
    try {
      return reader.read(held.stream().map(f -> f.path).toList());
    } catch (InterruptedIOException e) {
      throw e;
    } catch (IOException e) {
      // Perhaps because of what is in them: the next reader compares them again.
      held.forEach(f -> f.verified = null);
      throw e;
    }
  }

  /// Takes room for all of them at once, so that nobody waits for who waits for him.
  private List<Cached> hold(List<ArchivedFile> wanted) throws IOException {
    long needed = wanted.stream().mapToLong(f -> f.sum().bytes()).sum();
    if (needed > maxBytes) {
      throw new CacheTooSmallException(wanted.size(), needed, maxBytes);
    }
    synchronized (files) {
      while (readBytes + notRead(wanted) > maxBytes) {
        try {
          files.wait();
        } catch (InterruptedException e) {
          Thread.currentThread().interrupt();
          throw new InterruptedIOException("interrupted while waiting for room in the cache");
        }
      }
      List<Cached> held = new ArrayList<>();
      for (ArchivedFile file : wanted) {
        Cached here = files.get(file.key());
        if (here == null) {
          here = add(file.key(), file.sum().bytes());
        }
        if (here.readers == 0) {
          // What an earlier life has left may be of another length.
          bytes += file.sum().bytes() - here.bytes;
          here.bytes = file.sum().bytes();
          readBytes += here.bytes;
        }
        here.readers++;
        held.add(here);
      }
      evict();
      return held;
    }
  }

  private long notRead(List<ArchivedFile> wanted) {
    long more = 0;
    for (ArchivedFile file : wanted) {
      Cached here = files.get(file.key());
      more += here == null || here.readers == 0 ? file.sum().bytes() : 0;
    }
    return more;
  }

  private Cached add(ObjectKey key, long size) {
    Cached file = new Cached(key, folder.resolve(key.text()), size);
    files.put(key, file);
    bytes += size;
    return file;
  }

  /// Removes what nobody reads, as far as there is too much.
  private void evict() {
    Iterator<Cached> oldestFirst = files.values().iterator();
    while (bytes > maxBytes && oldestFirst.hasNext()) {
      Cached file = oldestFirst.next();
      if (file.readers == 0) {
        oldestFirst.remove();
        drop(file);
      }
    }
  }

  private void drop(Cached file) {
    bytes -= file.bytes;
    try {
      Files.deleteIfExists(file.path);
    } catch (IOException _) {
      // It is found again at the next start.
    }
  }

  private void release(List<Cached> held) {
    synchronized (files) {
      for (Cached file : held) {
        file.readers--;
        if (file.readers == 0) {
          readBytes -= file.bytes;
          if (file.verified == null || forgotten.contains(file.key)) {
            files.remove(file.key);
            drop(file);
          }
        }
      }
      files.notifyAll();
    }
  }

  /// Sees to it that files are here and as they were put.
  private void fetch(List<ArchivedFile> wanted, List<Cached> held) throws IOException {
    List<Fetch> fetching = new ArrayList<>();
    for (int i = 0; i < held.size(); i++) {
      Cached file = held.get(i);
      FileSum sum = wanted.get(i).sum();
      if (isRight(file, sum)) {
        hits.increment();
      } else {
        fetching.add(new Fetch(() -> fetch(file, sum)));
      }
    }
    await(fetching);
  }

  private static boolean isRight(Cached file, FileSum sum) throws IOException {
    Verified last = file.verified;
    return last != null
        && last.sum().equals(sum)
        && FileStamp.of(file.path).filter(last.stamp()::equals).isPresent();
  }

  private FileStamp fetch(Cached file, FileSum sum) throws IOException {
    synchronized (file) {
      Verified last = file.verified;
      if (last != null && isRight(file, sum)) {
        return last.stamp();
      }
      file.verified = null;
      if (FileStamp.of(file.path).isPresent() && FileSum.of(file.path).equals(sum)) {
        hits.increment();
      } else {
        DurableFiles.makeFolder(FolderErrors.parent(file.path));
        store.get(file.key, file.path, sum);
        fetched.increment();
      }
      FileStamp stamp = FileStamp.of(file.path).orElseThrow();
      file.verified = new Verified(sum, stamp);
      return stamp;
    }
  }

  /// One file's coming, which may be cut short, and whose end can be waited for then.
  private static final class Fetch extends FutureTask<FileStamp> {
    private final CountDownLatch ended = new CountDownLatch(1);
    private final AtomicBoolean taken = new AtomicBoolean();

    Fetch(Callable<FileStamp> fetch) {
      super(fetch);
    }

    @Override
    public void run() {
      if (taken.compareAndSet(false, true)) {
        try {
          super.run();
        } finally {
          ended.countDown();
        }
      }
    }

    /// Cuts it short. Whoever is interrupted in the middle of it comes to its end soon.
    void cut() {
      boolean _ = cancel(true);
      if (taken.compareAndSet(false, true)) {
        ended.countDown();
      }
    }
  }

  /// Has all of them fetched. Whatever becomes of them, they have ended when this returns: who lets
  /// go of a file must not have it written.
  ///
  /// @throws IOException the first failure
  private void await(List<Fetch> fetching) throws IOException {
    try {
      fetching.forEach(fetchers::execute);
      for (Fetch one : fetching) {
        FileStamp _ = one.get();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted while fetching from the archive");
    } catch (RejectedExecutionException e) {
      throw new InterruptedIOException("the node is ending");
    } catch (ExecutionException e) {
      switch (e.getCause()) {
        case IOException cause -> throw cause;
        case Error cause -> throw cause;
        case RuntimeException cause -> throw cause;
        case null, default -> throw new IllegalStateException(e);
      }
    } finally {
      fetching.forEach(Fetch::cut);
      fetching.forEach(ArchiveCache::awaitEnd);
    }
  }

  private static void awaitEnd(Fetch fetch) {
    boolean interrupted = false;
    while (fetch.ended.getCount() > 0) {
      try {
        fetch.ended.await();
      } catch (InterruptedException _) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
