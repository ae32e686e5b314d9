package io.tidemark.shard;

import io.tidemark.log.StreamPartition;
import io.tidemark.shard.Manifest.SegmentRef;
import io.tidemark.table.FileStamp;
import io.tidemark.table.FileSum;
import io.tidemark.table.Merge;
import io.tidemark.table.Rows;
import io.tidemark.table.Scan;
import io.tidemark.table.SegmentStore;
import io.tidemark.table.Segments;
import io.tidemark.table.TableShape;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// The segments of a shard as they were written: no scan ends well in which one was not.
///
/// Before its first use a segment is read whole and compared with its sum. Before and after each
/// use its stamp is looked at; where that is not the one it had when it was compared, somebody has
/// written to the file, and it is compared again. What a disk changes beneath its file system shows
/// in no stamp: that is found where a segment is compared again anyway ([ShardFiles]).
final class VerifiedSegments implements SegmentStore {
  private static final long DOUBT_BYTES = 256 << 20;

  private static final AtomicLong COMPARISONS = new AtomicLong();

  private final StreamPartition shard;
  private final SegmentStore store;
  private final Map<String, Known> known = new ConcurrentHashMap<>();

  /// A segment that a manifest names. Whoever reads it whole holds its lock, so that one does.
  private static final class Known {
    private final FileSum sum;

    /// What it had when it was found to be right.
    private volatile @Nullable FileStamp stamp;

    /// The number of its last comparison among all; 0 where there was none.
    private volatile long compared;

    Known(FileSum sum) {
      this.sum = sum;
    }
  }

  VerifiedSegments(StreamPartition shard, SegmentStore store, Manifest manifest) {
    this.shard = shard;
    this.store = store;
    know(manifest);
  }

  /// Takes a manifest's word for what its segments are.
  void know(Manifest manifest) {
    manifest.segments().forEach(s -> known.putIfAbsent(s.name(), new Known(s.sum())));
  }

  private Known known(String name) {
    Known found = known.get(name);
    if (found == null) {
      throw new IllegalArgumentException("no manifest names segment " + name);
    }
    return found;
  }

  @Override
  public Segments select(List<String> names) {
    return selected(names);
  }

  private Selected selected(List<String> names) {
    return new Selected(List.of(new Named(this, List.copyOf(names))), store.select(names));
  }

  /// Something that reads segments.
  private interface Use<T> {
    T run() throws IOException;
  }

  /// Some of a shard's segments.
  private record Named(VerifiedSegments shard, List<String> names) {}

  /// Segments of one shard or of several.
  ///
  /// @param stored the same ones, as they are now
  private record Selected(List<Named> parts, Segments stored) implements Segments {
    @Override
    public Segments and(Segments others) {
      Selected those = (Selected) others;
      return new Selected(
          Stream.of(this, those).flatMap(s -> s.parts.stream()).toList(), stored.and(those.stored));
    }

    @Override
    public void scan(TableShape shape, Scan scan, Scan.Visitor visitor) throws IOException {
      whileRight(
          () -> {
            stored.scan(shape, scan, visitor);
            return true;
          });
    }

    @Override
    public <T> T reading(FileReader<T> reader) throws IOException {
      return whileRight(() -> stored.reading(reader));
    }

    /// Does something with the segments, of which each is right before and after.
    <T> T whileRight(Use<T> use) throws IOException {
      requireRight();
      T result;
      try {
        result = use.run();
      } catch (InterruptedIOException e) {
        throw e;
      } catch (IOException e) {
        doubt();
        throw e;
      }
      requireRight();
      return result;
    }

    private void requireRight() throws IOException {
      for (Named part : parts) {
        for (String name : part.names()) {
          part.shard().requireRight(name);
        }
      }
    }

    /// A scan has failed: because of its segments, or for want of memory. Some are compared at
    /// once, not all, since the scan may be asked for again and again; those that have not been for
    /// the longest time, so that each has its turn.
    private void doubt() throws IOException {
      List<Doubted> doubted =
          parts.stream()
              .flatMap(
                  p ->
                      p.names().stream()
                          .map(n -> new Doubted(p.shard(), n, p.shard().known(n).compared)))
              .sorted(Comparator.comparingLong(Doubted::compared))
              .toList();
      long bytes = 0;
      for (Doubted one : doubted) {
        if (bytes >= DOUBT_BYTES) {
          return;
        }
        bytes += one.shard().verify(one.name());
      }
    }
  }

  /// @param compared the number of its last comparison
  private record Doubted(VerifiedSegments shard, String name, long compared) {}

  private void requireRight(String name) throws IOException {
    Known segment = known(name);
    if (!isAsVerified(name, segment)) {
      synchronized (segment) {
        if (!isAsVerified(name, segment)) {
          verify(name);
        }
      }
    }
  }

  private boolean isAsVerified(String name, Known segment) throws IOException {
    FileStamp then = segment.stamp;
    return then != null && store.stamp(name).filter(then::equals).isPresent();
  }

  /// Reads all of a segment.
  ///
  /// @return how many bytes it has
  /// @throws DamagedException where it is not as it was written
  long verify(String name) throws IOException {
    Known segment = known(name);
    synchronized (segment) {
      // Who writes to it while it is read changes the stamp.
      Optional<FileStamp> before = store.stamp(name);
      boolean right = false;
      try {
        String wrong = wrong(store, name, segment.sum, true);
        if (!wrong.isEmpty()) {
          throw new DamagedException(shard, wrong);
        }
        right = true;
      } finally {
        segment.stamp = right ? before.orElse(null) : null;
        segment.compared = COMPARISONS.incrementAndGet();
      }
    }
    return segment.sum.bytes();
  }

  /// What is wrong with a segment; empty where nothing is.
  ///
  /// @param thorough whether to read it, and not only to look at its length
  static String wrong(SegmentStore store, SegmentRef segment, boolean thorough) throws IOException {
    return wrong(store, segment.name(), segment.sum(), thorough);
  }

  private static String wrong(SegmentStore store, String name, FileSum sum, boolean thorough)
      throws IOException {
    Optional<FileStamp> stamp = store.stamp(name);
    if (stamp.isEmpty()) {
      return "segment " + name + " is missing";
    }
    long bytes = stamp.get().bytes();
    if (bytes != sum.bytes()) {
      return "segment %s has %d bytes instead of %d".formatted(name, bytes, sum.bytes());
    }
    if (thorough) {
      FileSum found = store.sum(name);
      if (!found.equals(sum)) {
        return "segment %s has the checksum %08x instead of %08x"
            .formatted(name, found.crc32c(), sum.crc32c());
      }
    }
    return "";
  }

  @Override
  public FileSum write(String name, Rows rows) throws IOException {
    return store.write(name, rows);
  }

  @Override
  public FileSum merge(String name, List<String> parts, Merge merge, Rows more) throws IOException {
    return selected(parts).whileRight(() -> store.merge(name, parts, merge, more));
  }

  @Override
  public Optional<FileStamp> stamp(String name) throws IOException {
    return store.stamp(name);
  }

  @Override
  public FileSum sum(String name) throws IOException {
    return store.sum(name);
  }

  @Override
  public void delete(String name) throws IOException {
    store.delete(name);
    known.remove(name);
  }

  @Override
  public List<String> names() throws IOException {
    return store.names();
  }
}
