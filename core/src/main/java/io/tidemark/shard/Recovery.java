package io.tidemark.shard;

import io.tidemark.event.EventCodec;
import io.tidemark.event.Evolution;
import io.tidemark.files.SummedText;
import io.tidemark.shard.Manifest.Ids;
import io.tidemark.shard.Manifest.ViewState;
import io.tidemark.sorted.CorruptStoreException;
import io.tidemark.timeline.Timeline;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/// Finds where a shard can go on from: its newest manifest, or as far back from it as damaged
/// files, a log that has lost its end, and changed declarations make it go ([Rewind]).
///
/// What the manifest names that it goes on from stays, and any good one, also of views and ids that
/// are not declared any more: until the next checkpoint that manifest is where a shard begins,
/// whatever is declared then, and until the one after it where one begins whose newest is damaged.
/// Going back is made durable at once, in a manifest of its own, and removes the others: what has
/// been found bad must never be taken for good later.
///
/// @param thorough whether to read all files, and not only to look at their lengths
record Recovery(ShardSpec spec, ShardStorage storage, ShardLog log, boolean thorough) {
  /// What was found.
  ///
  /// @param spec what the shard is made for, with the earlier views that it has
  /// @param durable the newest good manifest as it is on disk
  /// @param manifest the same, fitted to the declaration: where to go on from
  /// @param isLeft whether there are files of views that are not there any more
  /// @param notes what an operator should know, each a sentence
  record Result(
      ShardSpec spec, Manifest durable, Manifest manifest, boolean isLeft, List<String> notes) {}

  Result recover() throws IOException {
    List<String> notes = new ArrayList<>();
    List<Long> numbers = storage.manifests();
    List<Manifest> readable = readable(numbers, notes);
    Optional<SortedMark> mark = mark(notes);
    long newest = numbers.isEmpty() ? 0 : numbers.getLast();
    // What the log can mend, or the checkpoint before has, need not begin anew.
    for (boolean mayFill : List.of(false, true)) {
      for (Manifest found : byPreference(readable)) {
        boolean fallback = !found.equals(readable.getFirst());
        DeclaredViews.Known known = new DeclaredViews(spec).known(found);
        Recovery with = new Recovery(known.spec(), storage, log, thorough);
        Rewind rewind = new Rewind(with, known.manifest(), fallback, newest + 1, notes);
        Optional<Rewind.Plan> plan = rewind.plan(mark, mayFill);
        if (plan.isPresent()) {
          return plan.get().changed()
              ? with.goBack(known.manifest(), plan.get(), mark, newest + 1, notes)
              : with.goOn(found, staying(found, readable), plan.get().manifest(), notes);
        }
      }
    }
    if (!readable.isEmpty()) {
      Manifest last = readable.getFirst();
      throw last.number() == newest && wasAway(last) ? awayForTooLong(last) : unrecoverable(notes);
    }
    return begin(mark, notes);
  }

  /// First those that tell of no records which the log has lost; of these the newest first.
  private List<Manifest> byPreference(List<Manifest> readable) throws IOException {
    List<Manifest> whole = new ArrayList<>();
    List<Manifest> beyond = new ArrayList<>();
    for (Manifest manifest : readable) {
      requireOurs(manifest);
      (manifest.reach().isIn(log) ? whole : beyond).add(manifest);
    }
    whole.addAll(beyond);
    return whole;
  }

  /// The sorted store of ids: those of another field are other ids.
  static String idsName(String field) {
    return "_ids-" + field;
  }

  /// Whether ids are declared that a manifest does not have: they are remembered from there on.
  private boolean idsBegin(Manifest found) {
    return spec.idField().isPresent() && !spec.idField().equals(found.idField());
  }

  /// The manifests that are as they were written, newest first.
  private List<Manifest> readable(List<Long> numbers, List<String> notes) throws IOException {
    List<Manifest> readable = new ArrayList<>();
    for (long number : numbers.reversed()) {
      try {
        readable.add(ManifestCodec.decode(storage.readManifest(number)));
      } catch (SummedText.Corrupt e) {
        notes.add(
            "checkpoint %d is corrupt (%s); falling back to the one before it, or to the log"
                .formatted(number, e.getMessage()));
      }
    }
    return readable;
  }

  /// The one that a shard goes on from, whatever it lacks of views that are not declared, and those
  /// whose files are all there. Where ids begin, none but it may have some in the same store.
  private List<Manifest> staying(Manifest found, List<Manifest> readable) throws IOException {
    List<Manifest> stay = new ArrayList<>();
    for (Manifest manifest : readable) {
      boolean whole = manifest.equals(found) || isWhole(manifest);
      if (whole && !(idsBegin(found) && manifest.idField().equals(spec.idField()))) {
        stay.add(manifest);
      }
    }
    return stay;
  }

  /// Whether its files are all there, as far as can be seen without reading them.
  private boolean isWhole(Manifest manifest) throws IOException {
    boolean whole = true;
    for (Manifest.SegmentRef segment : manifest.segments().toList()) {
      whole &= VerifiedSegments.wrong(storage.segments(), segment, false).isEmpty();
    }
    return whole;
  }

  /// What the sorted stores say of themselves; nothing where they are damaged.
  private Optional<SortedMark> mark(List<String> notes) throws IOException {
    if (!spec.hasSortedStores()) {
      return Optional.empty();
    }
    try {
      if (thorough) {
        for (String file : storage.sortedFiles()) {
          storage.verifySorted(file);
        }
      }
      return Optional.of(SortedMark.read(storage));
    } catch (CorruptStoreException e) {
      notes.add(String.valueOf(e.getMessage()));
      return Optional.empty();
    }
  }

  private void requireOurs(Manifest found) throws IOException {
    if (found.archived().below() > 0 && storage.archive().isEmpty()) {
      throw new IncompatibleStateException(
          "what it had below offset %d is in an archive; name it with --archive"
              .formatted(found.archived().below()));
    }
    String type = spec.stream().type().toString();
    if (!found.type().equals(type) && !isReadable(found)) {
      throw new IncompatibleStateException(
          "the data of stream %s was written with another schema (%s) than the declared one (%s),"
                  .formatted(spec.stream().name(), found.type(), type)
              + " which is no later version of it; restore the schema, declare the new one as"
              + " another version of the stream (version: %d), or start with another data folder"
                  .formatted(spec.stream().version() + 1)
              + " and topic");
    }
    if (!found.log().equals(log.id())) {
      throw new IncompatibleStateException(
          "its data was made from another log (%s) than this one (%s): the topic was made anew, or"
                  .formatted(found.log(), log.id())
              + " --kafka names another cluster; bring the log back, or remove the shard's folder"
              + " to begin with what this log has");
    }
  }

  /// Whether files of a manifest are of an earlier version of the schema.
  private boolean isReadable(Manifest found) throws IOException {
    try {
      return spec.shapes()
          .find(EventCodec.schemaId(found.type()))
          .filter(written -> Evolution.obstacles(written, spec.stream().type()).isEmpty())
          .isPresent();
    } catch (UncheckedIOException e) {
      throw new IOException(e.getMessage(), e);
    }
  }

  /// A shard without any manifest. Whatever else there is, is made again; where the log has been
  /// trimmed, there was a manifest once.
  private Result begin(Optional<SortedMark> mark, List<String> notes) throws IOException {
    boolean isNew = storage.manifests().isEmpty() && storage.segments().names().isEmpty();
    if (!isNew && log.start() > 0) {
      throw unrecoverable(notes);
    }
    if (mark.isEmpty() || !mark.get().equals(SortedMark.NONE)) {
      storage.discardSorted();
    }
    Optional<Ids> ids = Ids.begin(spec.idField(), 0, Long.MIN_VALUE);
    Manifest empty = Manifest.empty(spec.stream().type().toString(), log.id(), ids);
    boolean archived = spec.stream().hot().isPresent() && storage.archive().isPresent();
    Manifest begun =
        archived && log.start() > 0
            ? empty.with(
                0,
                empty.position(),
                empty.reach(),
                ids,
                new DeclaredViews(spec).filledFromArchive(log.start()),
                Long.MAX_VALUE)
            : empty;
    return goOn(empty, List.of(), begun, notes);
  }

  /// @param durable the manifest on disk
  /// @param found what is taken of it
  private Result goOn(Manifest durable, List<Manifest> stay, Manifest found, List<String> notes)
      throws IOException {
    DeclaredViews declared = new DeclaredViews(spec);
    Manifest next = declared.fit(found, notes);
    clean(stay, next);
    List<String> said = notes.stream().distinct().map(n -> spec.id() + ": " + n).toList();
    return new Result(declared.of(next), durable, next, EarlierViews.isLeft(stay, next), said);
  }

  private UnrecoverableException unrecoverable(List<String> notes) {
    return new UnrecoverableException(
        "its files are damaged, and the log does not reach back far enough to make them again (%s);"
                .formatted(String.join("; ", notes))
            + " restore the shard's folder from a backup or from another node's copy, or remove it"
            + " to begin with what the log still has");
  }

  /// Whether the log has forgotten records that the shard never had, or the last one that it had.
  private boolean wasAway(Manifest last) throws IOException {
    return last.next() < log.start() || last.reach().next() <= log.start();
  }

  private UnrecoverableException awayForTooLong(Manifest last) throws IOException {
    return new UnrecoverableException(
        "this copy of it ends at offset %d, but the log begins at offset %d: it was away for too long;"
                .formatted(last.next(), log.start())
            + " put another node's copy of the shard's folder, or a backup, in its place, or remove"
            + " it to begin with what the log still has: then what came before that is missing here");
  }

  /// Makes a plan's state durable, and goes on from it.
  private Result goBack(
      Manifest found, Rewind.Plan plan, Optional<SortedMark> mark, long number, List<String> notes)
      throws IOException {
    Manifest planned = plan.manifest();
    Manifest back =
        planned.with(
            number,
            planned.position(),
            planned.reach(),
            planned.ids(),
            planned.views(),
            Long.MAX_VALUE);
    // Newer ones are of no use, but to who believes the number that the mark gets now.
    for (long newer : storage.manifests()) {
      if (newer > found.number()) {
        storage.deleteManifest(newer);
      }
    }
    SortedMark old = mark.orElse(SortedMark.NONE);
    switch (plan.sorted()) {
      case DISCARD -> storage.discardSorted();
      case CUT -> {
        storage.retainSorted(sortedNames(List.of(found)));
        cutSorted(found, back);
      }
      case KEEP -> {
        if (idsBegin(found)) {
          storage.retainSorted(sortedNames(List.of(found)));
        }
      }
    }
    // What the manifest needs must be there before it, and what is still there before it told of.
    if (spec.hasSortedStores() && plan.sorted() != Rewind.Sorted.DISCARD) {
      old.sealed(number).write(storage);
    }
    storage.writeManifest(number, ManifestCodec.encode(back));
    // They may tell of entries that are gone; none of them may be believed once the mark is right.
    deleteManifestsBut(List.of(back));
    if (plan.sorted() != Rewind.Sorted.KEEP) {
      SortedMark kept = plan.sorted() == Rewind.Sorted.CUT ? old : SortedMark.NONE;
      new SortedMark(number, kept.floor(), back.position().prefix()).write(storage);
    }
    return goOn(back, List.of(back), back, notes);
  }

  /// Removes what is left of records at or beyond a position from the sorted stores: timelines are
  /// copied, since what is removed from a store may come back in a crash.
  private void cutSorted(Manifest found, Manifest next) throws IOException {
    DeclaredViews declared = new DeclaredViews(spec);
    for (ViewState view : next.views()) {
      if (declared.isTimeline(view.name())) {
        Timeline.copy(
            storage.sorted(found.view(view.name()).sortedName()),
            storage.sorted(view.sortedName()),
            next.next());
      }
    }
    if (spec.stream().id().isPresent()) {
      SeenIds.forget(storage.sorted(idsName(spec.idField().orElseThrow())), next.next());
    }
  }

  /// Removes what neither these manifests nor the next one name, these being all that stay. Its ids
  /// are those of one of them, or begin, and then there is no store of them yet.
  private void clean(List<Manifest> stay, Manifest next) throws IOException {
    deleteManifestsBut(stay);
    List<Manifest> all = new ArrayList<>(stay);
    all.add(next);
    Set<String> segments = all.stream().flatMap(Manifest::segmentNames).collect(Collectors.toSet());
    for (String name : storage.segments().names()) {
      if (!segments.contains(name)) {
        storage.segments().delete(name);
      }
    }
    try {
      List<String> names = sortedNames(stay);
      next.views().forEach(v -> names.add(v.sortedName()));
      storage.retainSorted(names);
    } catch (CorruptStoreException e) {
      if (spec.hasSortedStores()) {
        throw e;
      }
      storage.discardSorted();
    }
  }

  private void deleteManifestsBut(List<Manifest> stay) throws IOException {
    for (long number : storage.manifests()) {
      if (stay.stream().noneMatch(m -> m.number() == number)) {
        storage.deleteManifest(number);
      }
    }
  }

  /// The sorted stores that manifests need.
  static List<String> sortedNames(List<Manifest> manifests) {
    List<String> names = new ArrayList<>(List.of(SortedMark.STORE));
    for (Manifest manifest : manifests) {
      manifest.views().forEach(v -> names.add(v.sortedName()));
      manifest.idField().ifPresent(field -> names.add(idsName(field)));
    }
    return names;
  }
}
