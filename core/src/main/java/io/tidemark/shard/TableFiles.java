package io.tidemark.shard;

import io.tidemark.archive.ArchivedFile;
import io.tidemark.archive.ArchivedSegments;
import io.tidemark.archive.ObjectKey;
import io.tidemark.archive.ShardArchive;
import io.tidemark.shard.Manifest.SegmentRef;
import io.tidemark.table.Condition;
import io.tidemark.table.Scan;
import io.tidemark.table.SegmentSource;
import io.tidemark.table.Segments;
import io.tidemark.table.TableShape;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// The files that the events of a shard's table are in at one moment: segments here, and files in
/// the archive of what is not here any more. Each event is in one of them.
///
/// @param here what has the segments
/// @param archive what has the other files
/// @param erasures what of their rows is to be gone
record TableFiles(
    VerifiedSegments here,
    Optional<ShardArchive> archive,
    List<SegmentRef> segments,
    Archived archived,
    Erasures erasures)
    implements SegmentSource {
  /// All of them, those in the archive first.
  List<SegmentRef> all() {
    return Stream.concat(archived.answering().stream(), segments.stream()).toList();
  }

  /// Those that may have events of a range of time.
  List<SegmentRef> during(long from, long to) {
    return Stream.concat(archived.answering().stream(), segments.stream())
        .filter(s -> s.maxTime() >= from && s.minTime() < to)
        .toList();
  }

  @Override
  public Segments select(List<String> names) {
    return select(names, archived.below(), erasures);
  }

  /// The same files with all that is in them.
  SegmentSource whole() {
    Erasures none = new Erasures(erasures.stream(), List.of());
    return names -> select(names, Long.MAX_VALUE, none);
  }

  private Segments select(List<String> names, long below, Erasures gone) {
    List<String> local = names.stream().filter(n -> !SegmentRef.isArchived(n)).toList();
    List<Part> parts = new ArrayList<>();
    if (gone.isAnyPending()) {
      addApart(parts, local, gone);
    } else if (!local.isEmpty()) {
      parts.add(new Part(here.select(local), List.of()));
    }
    if (local.size() < names.size()) {
      List<SegmentRef> found = archived(names);
      Condition answered = new Condition.WordRange(TableShape.OFFSET, Long.MIN_VALUE, below);
      for (List<SegmentRef> some : alike(found, gone)) {
        List<Condition> left = gone.ofTable(some.getFirst());
        List<Condition> cut = new ArrayList<>(left);
        cut.add(answered);
        add(parts, some.stream().filter(f -> f.to() <= below).toList(), left);
        add(parts, some.stream().filter(f -> f.to() > below).toList(), cut);
      }
    }
    return parts.size() == 1 && parts.getFirst().also().isEmpty()
        ? parts.getFirst().segments()
        : new Parts(parts);
  }

  /// Adds files that are here.
  private void addApart(List<Part> parts, List<String> names, Erasures gone) {
    Map<String, SegmentRef> known =
        segments.stream().collect(Collectors.toMap(SegmentRef::name, f -> f));
    for (List<SegmentRef> some : alike(names.stream().map(known::get).toList(), gone)) {
      List<String> together = some.stream().map(SegmentRef::name).toList();
      parts.add(new Part(here.select(together), gone.ofTable(some.getFirst())));
    }
  }

  /// Files in their order, those neighbours together from which the same is to be gone.
  private static List<List<SegmentRef>> alike(List<SegmentRef> files, Erasures gone) {
    if (!gone.isAnyPending()) {
      return files.isEmpty() ? List.of() : List.of(files);
    }
    List<List<SegmentRef>> runs = new ArrayList<>();
    List<Erasure> last = List.of();
    for (SegmentRef file : files) {
      List<Erasure> its = gone.of(file);
      if (runs.isEmpty() || !its.equals(last)) {
        runs.add(new ArrayList<>());
        last = its;
      }
      runs.getLast().add(file);
    }
    return runs;
  }

  /// Those of some files that are in the archive, in the same order.
  List<SegmentRef> archived(List<String> names) {
    Set<String> wanted = new HashSet<>(names);
    Map<String, SegmentRef> found =
        archived.answering().stream()
            .filter(f -> wanted.contains(f.name()))
            .collect(Collectors.toMap(SegmentRef::name, f -> f));
    return names.stream().filter(SegmentRef::isArchived).map(found::get).toList();
  }

  private void add(List<Part> parts, List<SegmentRef> files, List<Condition> also) {
    if (!files.isEmpty()) {
      parts.add(new Part(fetched(files), also));
    }
  }

  /// Files in the archive, to be read.
  ArchivedSegments fetched(List<SegmentRef> files) {
    ShardArchive from =
        archive.orElseThrow(() -> new IllegalStateException("files in an archive, and no archive"));
    return from.select(files.stream().map(TableFiles::file).toList());
  }

  static ArchivedFile file(SegmentRef f) {
    return new ArchivedFile(new ObjectKey(f.name()), f.rows(), f.sum(), f.minTime(), f.maxTime());
  }

  /// @param also what rows must satisfy besides
  private record Part(Segments segments, List<Condition> also) {}

  private record Parts(List<Part> parts) implements Segments {
    @Override
    public Segments and(Segments others) {
      throw new UnsupportedOperationException("they are read one shard at a time");
    }

    @Override
    public void scan(TableShape shape, Scan scan, Scan.Visitor visitor) throws IOException {
      if (scan.columns().contains(Scan.FILE)) {
        throw new UnsupportedOperationException("they have numbers of their own in each part");
      }
      for (Part part : parts) {
        part.segments().scan(shape, scan.also(part.also()), visitor);
      }
    }
  }
}
